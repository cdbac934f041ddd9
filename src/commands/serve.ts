import manifest from '../../package.json' with { type: 'json' }
import { createGate } from '../compose/gate.ts'
import { buildApp } from '../server/app.ts'
import { listen } from '../server/listen.ts'
import { shutDown } from '../server/shutdown.ts'
import type { Settings } from '../settings/settings.ts'
import { createLog, logShed } from '../telling/log.ts'
import { clock } from '../time/clock.ts'
import { lookAround } from './start.ts'

/** The sidecar: answers hooks until SIGTERM. Ends the process by itself. */
export async function serve(settings: Settings): Promise<void> {
  const log = createLog(settings.LOG_LEVEL, [1])
  const gate = createGate(settings, log)
  let hooked = new AbortController()
  const app = buildApp({
    hook() {
      hooked.abort()
      return gate.hook()
    },
    status: gate.report,
    metrics: gate.metrics,
    clock,
    node: () =>
      settings.HOST_IP === undefined
        ? (gate.cluster?.pod.last()?.hostIps ?? [])
        : [settings.HOST_IP],
    shed: (peer, times) => logShed(log, peer, times),
  })

  process.on('uncaughtException', (bug) => {
    log.fatal({ stack: bug.stack }, `internal error: ${bug.message}`)
    // While a hook is held, our end would be taken for the hook's: SIGTERM for the app, at once.
    if (gate.drain.joined() === undefined) process.exit(1)
  })
  process.on('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => void stop())
  // A second one changes nothing, but would end the process if nobody listened.
  process.on('SIGTERM', () => undefined)
  async function stop(): Promise<void> {
    log.info('SIGTERM: ending as soon as no hook is held')
    await shutDown({
      clock,
      nextHook() {
        hooked = new AbortController()
        return hooked.signal
      },
      joined: gate.drain.joined,
      close: () => app.close(),
    })
    await gate.told()
    process.exit(0)
  }

  try {
    const url = await listen(app, settings.LISTEN_ADDRESS)
    log.info({ version: manifest.version, url }, 'listening')
  } catch (error) {
    const { host, port } = settings.LISTEN_ADDRESS
    const { code, message } = error as NodeJS.ErrnoException
    const why = code ?? message
    process.stderr.write(`LISTEN_ADDRESS: cannot listen on ${host} port ${port}: ${why}\n`)
    process.exit(1)
  }
  await lookAround(gate, settings, log)
}
