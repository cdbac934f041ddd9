import { sign, verify } from 'node:crypto'
import type { SigningKey, SigningKeys } from './keys.ts'

/** What a service account's token says (Kubernetes, Managing Service Accounts). Times in seconds. */
export interface Claims {
  readonly aud: readonly string[]
  readonly exp: number
  readonly iat: number
  readonly nbf: number
  readonly iss: string
  readonly jti: string
  readonly sub: string
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly node?: Reference
    readonly pod?: Reference
    readonly serviceaccount: Reference
  }
}

/** An object that a token is bound to. */
export interface Reference {
  readonly name: string
  readonly uid: string
}

/** A JSON Web Token with these claims. */
export function signed(claims: Claims, key: SigningKey): string {
  const said = `${part({ alg: 'RS256', kid: key.kid })}.${part(claims)}`
  return `${said}.${signatureOf(said, key)}`
}

export const signatureOf = (said: string, { privateKey }: SigningKey) =>
  sign('sha256', Buffer.from(said), privateKey).toString('base64url')

/** What a token says; undefined where none of the keys has signed that. */
export function verified(token: string, keys: Pick<SigningKeys, 'find'>): Claims | undefined {
  const [header = '', claims = '', signature = ''] = token.split('.')
  const { alg, kid } = read<Partial<Record<string, string>>>(header) ?? {}
  const key = alg === 'RS256' && kid !== undefined ? keys.find(kid) : undefined
  const said = Buffer.from(`${header}.${claims}`)
  if (!key || !verify('sha256', said, key.publicKey, Buffer.from(signature, 'base64url'))) {
    return undefined
  }
  // Only `signed` signs with such a key.
  return read<Claims>(claims)
}

/** A part of a token, before the signature. */
export const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The value of such a part; undefined for one that is no object. */
export function read<T extends object>(text: string): T | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    return typeof value === 'object' && value !== null ? (value as T) : undefined
  } catch {
    return undefined
  }
}
