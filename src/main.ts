import manifest from '../package.json' with { type: 'json' }
import { createAwsBalancer } from './aws/balancer.ts'
import { clock } from './clock.ts'
import { helpText } from './command-line/help.ts'
import { readCommandLine } from './command-line/read.ts'
import { createDrain } from './drain/drain.ts'
import { reportOf } from './drain/report.ts'
import { createLog, logChange, logRelease } from './log.ts'
import { buildApp } from './server/app.ts'
import { listen } from './server/listen.ts'
import { shutDown } from './server/shutdown.ts'
import { podIpsOf, type Settings } from './settings.ts'

const commandLine = readCommandLine(process.argv.slice(2), process.env)
switch (commandLine.kind) {
  case 'help':
    process.stdout.write(helpText())
    break
  case 'version':
    process.stdout.write(`${manifest.version}\n`)
    break
  case 'wrong':
    process.stderr.write(commandLine.faults.map((fault) => `${fault}\n`).join(''))
    process.exitCode = 2
    break
  case 'serve':
    await serve(commandLine.settings)
}

async function serve(settings: Settings): Promise<void> {
  const log = createLog(settings.LOG_LEVEL)
  const limits = {
    graceMs: settings.GRACE_PERIOD_SECONDS,
    reserveMs: settings.RESERVE_SECONDS,
    fallbackMs: settings.FALLBACK_SECONDS,
    ...(settings.SETTLE_SECONDS === undefined ? {} : { settleMs: settings.SETTLE_SECONDS }),
    spread: Math.random(),
  }
  const groups = [...new Set(settings.TARGET_GROUP_ARNS.map(({ arn }) => arn))]
  const access = {
    roles: settings.ASSUME_ROLE_ARN,
    ...(settings.ASSUME_ROLE_EXTERNAL_ID ? { externalId: settings.ASSUME_ROLE_EXTERNAL_ID } : {}),
    ...(settings.AWS_REGION ? { stsRegion: settings.AWS_REGION } : {}),
  }
  const balancer = createAwsBalancer({ clock, podIps: podIpsOf(settings), access })
  const drain = createDrain({ balancer, clock, groups, limits, tell: (c) => logChange(log, c) })
  const hooked = new AbortController()
  const status = () => reportOf(drain.state(), limits, clock.now())
  const app = buildApp({
    async hook() {
      if (!hooked.signal.aborted) {
        hooked.abort()
        log.info({ groups }, 'hook called: draining')
        void drain.join().then(() => logRelease(log, status()))
      }
      await drain.join()
      return status()
    },
    status,
  })

  process.on('uncaughtException', (bug) => {
    log.fatal({ stack: bug.stack }, `internal error: ${bug.message}`)
    // While a hook is held, our end would be taken for the hook's: SIGTERM for the app, at once.
    if (!hooked.signal.aborted) process.exit(1)
  })
  process.on('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => void stop())
  // A second one changes nothing, but would end the process if nobody listened.
  process.on('SIGTERM', () => undefined)
  async function stop(): Promise<void> {
    log.info('SIGTERM: ending as soon as no hook is held')
    const drained = () => drain.join()
    await shutDown({ clock, hooked: hooked.signal, drained, close: () => app.close() })
    process.exit(0)
  }

  try {
    const url = await listen(app, settings.LISTEN_ADDRESS)
    log.info({ version: manifest.version, url, groups, podIps: podIpsOf(settings) }, 'listening')
  } catch (error) {
    const { host, port } = settings.LISTEN_ADDRESS
    const { code, message } = error as NodeJS.ErrnoException
    process.stderr.write(
      `LISTEN_ADDRESS: cannot listen on ${host} port ${port}: ${code ?? message}\n`,
    )
    process.exit(1)
  }
}
