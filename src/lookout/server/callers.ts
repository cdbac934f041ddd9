import { type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { textAt } from '../../cluster/json.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Caller } from '../looking/pods.ts'
import type { Keys } from './keys.ts'

/** For whom the tokens are meant that are shown to a lookout: the API server takes none of those. */
export const audience = 'draingate'

/** Who asks; or why that is not believed; or why it cannot be told. */
export type Callers = (authorization: string | undefined) => Promise<Caller | Rejected>

export type Rejected = Failure & { readonly status: 401 | 503 }

export interface CallersDeps {
  readonly keys: Keys
  /** The time of day: tokens end by it. */
  readonly wallDate: () => Date
}

/** What API servers sign with: a key that anybody has is none (RFC 8725, 3.1). */
const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** What the API server itself allows (k8s.io/kubernetes, pkg/serviceaccount, jwt.DefaultLeeway). */
const clockTolerance = '60s'
/** How many tokens are remembered that have been verified, and for how long. */
const mostVerified = 20_000
const verifiedMs = 60_000

/** Verifies tokens. None of them is ever written anywhere. */
export function createCallers({ keys, wallDate }: CallersDeps): Callers {
  const verified = new Map<string, { caller: Caller; untilMs: number }>()

  async function verify(token: string): Promise<Caller | Rejected> {
    const known = await keys.get('known')
    if (!isKeys(known)) return { ...known, status: 503 }
    let payload = await payloadOf(token, known)
    if (isFault(payload) && payload.code === 'ERR_JWKS_NO_MATCHING_KEY') {
      const newer = await keys.get('newer')
      if (isKeys(newer) && newer !== known) payload = await payloadOf(token, newer)
    }
    if (isFault(payload)) return rejected(whyOf(payload.code, payload.claim))
    const caller = callerOf(payload)
    if (!caller) return rejected('it is not bound to a pod')
    if (verified.size >= mostVerified) verified.clear()
    const expiresMs = (payload.exp ?? 0) * 1_000
    verified.set(token, { caller, untilMs: Math.min(wallDate().getTime() + verifiedMs, expiresMs) })
    return caller
  }

  async function payloadOf(token: string, known: JWTVerifyGetKey): Promise<JWTPayload | Fault> {
    try {
      const options = { audience, algorithms, clockTolerance, currentDate: wallDate() }
      const required = { requiredClaims: ['exp'] }
      return (await jwtVerify(token, known, { ...options, ...required })).payload
    } catch (error) {
      const { code = 'ERR_JWT_INVALID', claim } = error as Partial<Fault>
      return { kind: 'fault', code, claim }
    }
  }

  return (authorization) => {
    const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? '') ?? []
    if (!token) return Promise.resolve(rejected('there is none'))
    const before = verified.get(token)
    if (before && before.untilMs > wallDate().getTime()) return Promise.resolve(before.caller)
    verified.delete(token)
    return verify(token)
  }
}

/** Why a token is not believed, in jose's words. */
interface Fault {
  readonly kind: 'fault'
  readonly code: string
  readonly claim: string | undefined
}

/** No claim of a service account has this name. */
function isFault(payload: JWTPayload | Fault): payload is Fault {
  return payload.kind === 'fault'
}

function isKeys(keys: JWTVerifyGetKey | Failure): keys is JWTVerifyGetKey {
  return typeof keys === 'function'
}

function rejected(why: string): Rejected {
  return { kind: 'denied', status: 401, said: `the token is refused: ${why}` }
}

function whyOf(code: string, claim: string | undefined): string {
  if (code === 'ERR_JWT_EXPIRED') return 'it has expired'
  if (claim === 'nbf') return 'it is not good yet: the clocks of the nodes differ'
  if (claim === 'aud') return `it is not for the audience ${audience}`
  if (code === 'ERR_JWKS_NO_MATCHING_KEY') return 'none of the keys of this cluster has signed it'
  if (code === 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED') return 'its signature is wrong'
  if (code === 'ERR_JOSE_ALG_NOT_ALLOWED') return 'it is not signed as it has to be'
  return 'it is not a token of a service account'
}

/** The claims of a token that is bound to a pod (Kubernetes, Managing Service Accounts). */
function callerOf(payload: JWTPayload): Caller | undefined {
  const namespace = textAt(payload, 'kubernetes.io', 'namespace')
  const name = textAt(payload, 'kubernetes.io', 'pod', 'name')
  const uid = textAt(payload, 'kubernetes.io', 'pod', 'uid')
  const node = textAt(payload, 'kubernetes.io', 'node', 'name')
  if (!namespace || !name || !uid) return undefined
  return { namespace, name, uid, ...(node ? { node } : {}) }
}
