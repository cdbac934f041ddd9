import { readFileSync } from 'node:fs'
import { Server } from 'node:https'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Settings } from '../../settings/settings.ts'
import { clock } from '../../time/clock.ts'

interface Tls {
  readonly cert: Buffer
  readonly key: Buffer
}

/**
 * The certificate that the settings name, if they name one.
 *
 * @throws What the system says of a file that cannot be read.
 */
export function tlsOf({ LOOKOUT_TLS_DIRECTORY: directory }: Settings): { tls?: Tls } {
  if (directory === undefined) return {}
  const read = (name: string) => readFileSync(join(directory, name))
  return { tls: { cert: read('tls.crt'), key: read('tls.key') } }
}

/** A Secret that changes is in its folder within a minute or so. */
const againMs = 60_000

/** Takes a new certificate when there is one: cert-manager puts it there well before the old one ends. */
export async function renewCertificate(
  { server }: FastifyInstance,
  settings: Settings,
  signal: AbortSignal,
): Promise<void> {
  if (!(server instanceof Server)) return
  let before = tlsOf(settings).tls?.cert.toString()
  while (!signal.aborted) {
    await clock.sleepUntil(clock.now() + againMs, signal)
    try {
      const { tls } = tlsOf(settings)
      if (!tls || tls.cert.toString() === before) continue
      // A key that does not belong to it, as between the writing of the two, is refused: the old one stays.
      server.setSecureContext(tls)
      before = tls.cert.toString()
    } catch {
      // Unreadable for a moment: the one that is in use is as good as before.
    }
  }
}
