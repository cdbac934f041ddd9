import { writeSync } from 'node:fs'
import { createGate } from '../compose/gate.ts'
import type { Report } from '../drain/account/report.ts'
import type { Print } from '../settings/read.ts'
import type { Settings } from '../settings/settings.ts'
import { containerLog } from '../telling/container-log.ts'
import { withoutWaiting } from '../telling/descriptor.ts'
import { createLog } from '../telling/log.ts'

const exitCodes: Readonly<Record<string, number>> = { deadline: 3, fallback: 4 }

/**
 * The same drain without a server, for exec hooks and scripts. The log goes to stderr, the outcome to
 * the exit code: 0 released, 3 the time was up, 4 what is needed could not be learnt. Ends the process.
 */
export async function wait(settings: Settings, print: Print): Promise<void> {
  const log = createLog(settings.LOG_LEVEL, [2, ...containerLog()])
  const gate = createGate(settings, log)
  // An exec hook that ends is a hook that is over: SIGTERM for the app, at once.
  process.on('uncaughtException', (bug) => {
    log.fatal({ stack: bug.stack }, `internal error: ${bug.message}`)
  })
  const report = gate.report(await gate.hook())
  await gate.told()
  if (print === 'json') tellOutcome(report)
  // Not left to end by itself: what the SDK has under way may take it seconds past the deadline.
  process.exit(exitCodes[report.outcome ?? ''] ?? 0)
}

function tellOutcome(report: Report): void {
  try {
    writeSync(withoutWaiting(1), `${JSON.stringify(report)}\n`)
  } catch {
    // Whoever was to read it does not, and must not be waited for.
  }
}
