import manifest from '../../package.json' with { type: 'json' }
import { findApiServer } from '../cluster/api/place.ts'
import { createLookoutParts } from '../compose/lookout/parts.ts'
import { listen } from '../server/listen.ts'
import type { Settings } from '../settings/settings.ts'
import { createLog } from '../telling/log.ts'
import { clock } from '../time/clock.ts'

/** An address is in the caches of DNS and of sidecars for some seconds. Milliseconds. */
const lingerMs = 5_000
/** An answer that nobody takes must not keep the process alive. Milliseconds. */
const closeMs = 2_000

/** Looks for all pods of a cluster, until SIGTERM. Ends the process by itself. */
export async function lookout(settings: Settings): Promise<void> {
  const log = createLog(settings.LOG_LEVEL, [1])
  const directory = settings.SERVICE_ACCOUNT_DIRECTORY
  const found = findApiServer({ environment: process.env, directory })
  if ('said' in found) return fail(found.said)
  const ending = new AbortController()
  const parts = partsOf(settings, found.place, log)
  process.on('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => void stop())
  process.on('SIGTERM', () => undefined)
  async function stop(): Promise<void> {
    log.info('SIGTERM: those who wait are sent to the other lookout')
    ending.abort()
    parts.end()
    const { signal } = new AbortController()
    // Those who have its address from a cache are told as well, where silence would cost them seconds.
    await clock.sleepUntil(clock.now() + lingerMs, signal)
    await Promise.race([parts.app.close(), clock.sleepUntil(clock.now() + closeMs, signal)])
    process.exit(0)
  }

  try {
    const url = await listen(parts.app, settings.LISTEN_ADDRESS)
    log.info({ version: manifest.version, url }, 'looking for all pods')
  } catch (error) {
    const { host, port } = settings.LISTEN_ADDRESS
    return fail(`LISTEN_ADDRESS: cannot listen on ${host} port ${port}: ${whyOf(error)}`)
  }
  parts.watch(ending.signal)
}

function partsOf(...deps: Parameters<typeof createLookoutParts>) {
  try {
    return createLookoutParts(...deps)
  } catch (error) {
    const [{ LOOKOUT_TLS_DIRECTORY: directory }] = deps
    const { code, path } = error as NodeJS.ErrnoException
    if (directory === undefined || !code) return fail(whyOf(error))
    return fail(`LOOKOUT_TLS_DIRECTORY: cannot use ${path ?? directory}: ${code}`)
  }
}

function whyOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

function fail(said: string): never {
  process.stderr.write(`${said}\n`)
  process.exit(1)
}
