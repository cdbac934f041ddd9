import { randomUUID } from 'node:crypto'
import { unauthorized } from '../status.ts'
import { type Claims, type Reference, signed, verified } from './jwt.ts'
import { createSigningKeys, type PublishedKey } from './keys.ts'

export interface TokenOptions {
  readonly namespace: string
  readonly account: string
  /** The pod that it is bound to: `revokeOf` ends it with the pod. */
  readonly pod?: Reference
  /** The name of the pod's node. */
  readonly node?: string
  /** Whom it is for. Default: the API server, which believes no other. */
  readonly audience?: string
  /** Default: an hour. Below 0: it has ended already. */
  readonly lifetimeMs?: number
}

/** Bearer tokens of service accounts, which anybody can verify who knows the published keys. */
export interface Tokens {
  issue(options: TokenOptions): string
  revoke(token: string): void
  /** Ends all tokens that are bound to a pod, by its uid, as far as the API server is asked. */
  revokeOf(podUid: string): void
  /** The user behind an `Authorization` header; undefined without a header. Throws 401. */
  userOf(header: string | undefined): string | undefined
  publishedKeys(): PublishedKey[]
  /** A new key signs from now on. Those before it stay published, and their tokens good. */
  rotateKeys(): void
  dropOldKeys(): void
}

export const issuer = 'https://kubernetes.default.svc.cluster.local'
const apiServer = 'https://kubernetes.default.svc'

export const userNamed = (namespace: string, account: string) =>
  `system:serviceaccount:${namespace}:${account}`

export const authenticated = 'system:authenticated'

/** The groups that a service account's token puts its user into (Kubernetes, Authenticating). */
export function groupsOf(user: string): readonly string[] {
  const [, , namespace] = user.split(':')
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticated]
}

export function createTokens(wallMs: () => number): Tokens {
  const keys = createSigningKeys()
  const revoked = new Set<string>()
  const podsThatWere = new Set<string>()
  const uids = new Map<string, string>()

  function reference(name: string, kind: string): Reference {
    const key = `${kind} ${name}`
    const uid = uids.get(key) ?? randomUUID()
    uids.set(key, uid)
    return { name, uid }
  }

  function claimsOf({ lifetimeMs = 3_600_000, ...options }: TokenOptions): Claims {
    const { namespace, account, pod, node, audience = apiServer } = options
    const nowMs = wallMs()
    return {
      ...{ aud: [audience], exp: seconds(nowMs + lifetimeMs), iat: seconds(nowMs), iss: issuer },
      jti: randomUUID(),
      'kubernetes.io': {
        namespace,
        ...(node !== undefined && { node: reference(node, 'node') }),
        ...(pod && { pod }),
        serviceaccount: reference(account, `account of ${namespace}`),
      },
      ...{ nbf: seconds(nowMs), sub: userNamed(namespace, account) },
    }
  }

  const isGood = ({ aud, exp, 'kubernetes.io': { pod } }: Claims) =>
    aud.includes(apiServer) && exp * 1_000 > wallMs() && !podsThatWere.has(pod?.uid ?? '')

  return {
    issue: (options) => signed(claimsOf(options), keys.newest()),
    revoke: (token) => void revoked.add(token),
    revokeOf: (podUid) => void podsThatWere.add(podUid),
    userOf(header) {
      if (header === undefined) return undefined
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(header) ?? []
      const claims = verified(token, keys)
      if (!claims || !isGood(claims) || revoked.has(token)) throw unauthorized()
      return claims.sub
    },
    publishedKeys: keys.published,
    rotateKeys: keys.rotate,
    dropOldKeys: keys.dropOld,
  }
}

const seconds = (ms: number) => Math.floor(ms / 1_000)
