import { createHmac, createPublicKey } from 'node:crypto'
import { part, read, signatureOf } from './jwt.ts'
import { createKey, type PublishedKey, publishedKey, type SigningKey } from './keys.ts'

/** Makes another token of a good one, with no more than its bearer knows. */
export type Forgery = (token: string, published: readonly PublishedKey[]) => string

/**
 * Tokens that nobody may believe, by what is wrong with them. (What the API server itself would sign, and
 * is wrong here, it issues: for another audience or pod, or past its time.)
 */
export const forgeries = {
  /** It says itself that nobody signed it (RFC 7519, Unsecured JWTs). */
  unsigned: (token) => `${part({ alg: 'none', typ: 'JWT' })}.${claimsIn(token)}.`,
  signatureCut: (token) => `${headerIn(token)}.${claimsIn(token)}.`,
  /** Other claims under the old signature. */
  prolonged: (token) => token.replace(claimsIn(token), part(tomorrow(token))),
  /** Under the name of the API server's key. */
  signedByAnother: (token) => sign(headerIn(token), claimsIn(token), strangersKey()),
  signedByUnknown(token) {
    const key = strangersKey()
    return sign(part({ alg: 'RS256', kid: key.kid }), claimsIn(token), key)
  },
  /** With the key to verify it brought along (RFC 7515, jwk). */
  keyBrought(token) {
    const key = strangersKey()
    const header = part({ alg: 'RS256', kid: key.kid, jwk: publishedKey(key) })
    return sign(header, claimsIn(token), key)
  },
  /** The public key, which all know, as the secret of a symmetric algorithm (RFC 8725, 2.1). */
  publicKeyAsSecret(token, published) {
    const [key = publishedKey(strangersKey())] = published
    const said = `${part({ alg: 'HS256', kid: key.kid })}.${claimsIn(token)}`
    const pem = createPublicKey({ key: { ...key }, format: 'jwk' }).export(spki)
    return `${said}.${createHmac('sha256', pem).update(said).digest('base64url')}`
  },
} as const satisfies Record<string, Forgery>

const spki = { type: 'spki', format: 'pem' } as const

let stranger: SigningKey | undefined

function strangersKey(): SigningKey {
  stranger ??= createKey()
  return stranger
}

function sign(header: string, claims: string, key: SigningKey): string {
  const said = `${header}.${claims}`
  return `${said}.${signatureOf(said, key)}`
}

const headerIn = (token: string) => token.split('.')[0] ?? ''
const claimsIn = (token: string) => token.split('.')[1] ?? ''

function tomorrow(token: string): object {
  const claims = read<{ exp?: number }>(claimsIn(token)) ?? {}
  return { ...claims, exp: (claims.exp ?? 0) + 86_400 }
}
