import { randomBytes } from 'node:crypto'

/** Who a key speaks for. */
export interface Identity {
  account: string
  arn: string
  userId: string
}

/** A key that the lab issued; one with a session token is temporary. */
export interface Credential {
  identity: Identity
  accessKeyId: string
  secretAccessKey: string
  session?: { token: string; expiresAtMs: number }
}

export interface Credentials {
  /** A key that lasts. */
  issue(identity: Identity): Credential
  /** A key with a session token, good until `expiresAtMs` on the lab's wall clock. */
  issueUntil(identity: Identity, expiresAtMs: number): Credential
  find(accessKeyId: string): Credential | undefined
}

/** The keys that the lab knows: the most recent 10 000. Only these can sign a request. */
export function createCredentials(): Credentials {
  const known = new Map<string, Credential>()

  function keep(credential: Credential): Credential {
    known.set(credential.accessKeyId, credential)
    for (const oldest of known.keys()) {
      if (known.size <= longestMemory) break
      known.delete(oldest)
    }
    return credential
  }

  return {
    issue: (identity) => keep({ identity, ...newKey('AKIA') }),
    issueUntil(identity, expiresAtMs) {
      const token = randomBytes(96).toString('base64')
      return keep({ identity, ...newKey('ASIA'), session: { token, expiresAtMs } })
    },
    find: (accessKeyId) => known.get(accessKeyId),
  }
}

/** An identifier as IAM makes them: four letters that tell its kind, and 16 more characters. */
export function uniqueId(prefix: 'AKIA' | 'ASIA' | 'AIDA' | 'AROA'): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  return prefix + Array.from(randomBytes(16), (byte) => letters[byte % letters.length]).join('')
}

const longestMemory = 10_000

const newKey = (prefix: 'AKIA' | 'ASIA') => ({
  accessKeyId: uniqueId(prefix),
  secretAccessKey: randomBytes(30).toString('base64'),
})
