import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../../time/clock.ts'
import type { Refusal } from './kubernetes-api.ts'

/** With what a service account reaches its API server. */
export interface Credentials {
  readonly token: string
  readonly ca: string
}

/** The kubelet puts a new token there long before the old one expires. Milliseconds. */
const keptMs = 10_000

/** A service account's credentials, from the folder that is mounted for it. */
export interface CredentialsFile {
  /** Or why `what` cannot be asked. */
  read(what: string): Promise<Credentials | Refusal>
  /** They were not accepted: there may be newer ones. */
  forget(): void
}

export function createCredentials(clock: Pick<Clock, 'now'>, directory: string): CredentialsFile {
  let kept: { readonly credentials: Credentials; readonly atMs: number } | undefined
  return {
    async read(what) {
      // Two files for each question were an eighth of what a lookout does.
      if (kept && clock.now() - kept.atMs < keptMs) return kept.credentials
      try {
        const token = await readFile(join(directory, 'token'), 'utf8')
        const ca = await readFile(join(directory, 'ca.crt'), 'utf8')
        kept = { credentials: { token: token.trim(), ca }, atMs: clock.now() }
        return kept.credentials
      } catch (error) {
        const { code, path } = error as NodeJS.ErrnoException
        const said = `${what}: cannot read ${path} (${code}): set automountServiceAccountToken: true`
        return { kind: 'denied', said }
      }
    },
    forget() {
      kept = undefined
    },
  }
}
