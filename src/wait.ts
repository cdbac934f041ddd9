import { accessSync, constants, readFileSync } from 'node:fs'
import { createGate } from './compose.ts'
import { createLog } from './log.ts'
import type { Settings } from './settings.ts'

const exitCodes: Readonly<Record<string, number>> = { deadline: 3, fallback: 4 }

/**
 * The same drain without a server, for exec hooks and scripts. The log goes to stderr, the outcome to
 * the exit code: 0 released, 3 the time was up, 4 nothing could be learnt.
 */
export async function wait(settings: Settings, print: 'nothing' | 'json'): Promise<void> {
  const gate = createGate(settings, createLog(settings.LOG_LEVEL, [2, ...containerLog()]))
  const { outcome } = await gate.hook()
  if (print === 'json') process.stdout.write(`${JSON.stringify(gate.report())}\n`)
  process.exitCode = exitCodes[outcome.kind] ?? 0
}

/**
 * What an exec hook writes is thrown away by the kubelet unless the hook fails: its log has to go
 * where the container's own goes, the stdout of process 1.
 */
function containerLog(): string[] {
  const path = '/proc/1/fd/1'
  try {
    if (!cameFromOutside()) return []
    accessSync(path, constants.W_OK)
    return [path]
  } catch {
    // No /proc, or the container's process is another user's.
    return []
  }
}

/** A process that was put into a container has a parent outside it, shown as 0, and no process 1 above. */
function cameFromOutside(): boolean {
  let pid = process.pid
  while (pid > 1) {
    // "PID (COMMAND) STATE PPID ...": the command may have blanks and parentheses of its own (proc(5)).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    pid = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  }
  return pid === 0
}
