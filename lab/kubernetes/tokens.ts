import { randomUUID } from 'node:crypto'
import { unauthorized } from './status.ts'

export interface TokenOptions {
  readonly namespace: string
  readonly account: string
  /** The pod that it is bound to: `revokeOf` ends it with the pod. */
  readonly pod?: { readonly name: string; readonly uid: string }
  /** When it ends by itself, in milliseconds since 1970. */
  readonly expiresMs: number
}

/** Bearer tokens of service accounts. */
export interface Tokens {
  /** A token shaped as the real ones are, so that its claims can be read. */
  issue(options: TokenOptions): string
  revoke(token: string): void
  /** Ends all tokens that are bound to a pod, by its uid. */
  revokeOf(podUid: string): void
  /** The user behind an `Authorization` header; undefined without a header. Throws 401. */
  userOf(header: string | undefined): string | undefined
}

export const userNamed = (namespace: string, account: string) =>
  `system:serviceaccount:${namespace}:${account}`

export const authenticated = 'system:authenticated'

/** The groups that a service account's token puts its user into (Kubernetes, Authenticating). */
export function groupsOf(user: string): readonly string[] {
  const [, , namespace] = user.split(':')
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, authenticated]
}

export function createTokens(wallMs: () => number): Tokens {
  const tokens = new Map<string, TokenOptions>()
  return {
    issue(options) {
      const token = jwtOf(options, wallMs())
      tokens.set(token, options)
      return token
    },
    revoke: (token) => void tokens.delete(token),
    revokeOf(podUid) {
      for (const [token, { pod }] of tokens) if (pod?.uid === podUid) tokens.delete(token)
    },
    userOf(header) {
      if (header === undefined) return undefined
      const [, token = ''] = /^Bearer +(\S+)$/i.exec(header) ?? []
      const found = tokens.get(token)
      if (!found || found.expiresMs <= wallMs()) throw unauthorized()
      return userNamed(found.namespace, found.account)
    },
  }
}

// The claims of the real one (Kubernetes, Managing Service Accounts); it is looked up, not verified, so
// that nothing has to be in the place of the signature.
function jwtOf({ namespace, account, pod, expiresMs }: TokenOptions, nowMs: number): string {
  const seconds = (ms: number) => Math.floor(ms / 1_000)
  const claims = {
    aud: ['https://kubernetes.default.svc'],
    ...{ exp: seconds(expiresMs), iat: seconds(nowMs), nbf: seconds(nowMs) },
    iss: 'https://kubernetes.default.svc.cluster.local',
    jti: randomUUID(),
    'kubernetes.io': { namespace, ...(pod && { pod }), serviceaccount: { name: account } },
    sub: userNamed(namespace, account),
  }
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  return `${part({ alg: 'RS256', kid: 'lab' })}.${part(claims)}.lab`
}
