import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'

/** A key that tokens are signed with. */
export interface SigningKey {
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

/** A public key as the API server publishes it. */
export interface PublishedKey {
  readonly use: 'sig'
  readonly kty: 'RSA'
  readonly kid: string
  readonly alg: 'RS256'
  readonly n: string
  readonly e: string
}

/** The keys of an API server: the newest signs, and the others are good until they are dropped. */
export interface SigningKeys {
  newest(): SigningKey
  find(kid: string): SigningKey | undefined
  published(): PublishedKey[]
  rotate(): void
  dropOld(): void
}

// A new RSA key takes a tenth of a second on a busy machine: the API servers of a process have the same.
const made: SigningKey[] = []

/** One key. */
export function createSigningKeys(): SigningKeys {
  let [oldest, newest] = [0, 0]
  const keyAt = (index: number) => {
    made[index] ??= createKey()
    return made[index]
  }
  const good = () =>
    Array.from({ length: newest - oldest + 1 }, (_, index) => keyAt(newest - index))
  return {
    newest: () => keyAt(newest),
    find: (kid) => good().find((key) => key.kid === kid),
    published: () => good().map(publishedKey),
    rotate: () => void newest++,
    dropOld() {
      oldest = newest
    },
  }
}

/** A key that nobody else has. */
export function createKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  // As the API server names them (k8s.io/kubernetes, pkg/serviceaccount, keyIDFromPublicKey).
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return { kid: createHash('sha256').update(der).digest('base64url'), privateKey, publicKey }
}

export function publishedKey({ kid, publicKey }: SigningKey): PublishedKey {
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  return { use: 'sig', kty: 'RSA', kid, alg: 'RS256', n, e }
}
