import { type Logger, pino } from 'pino'
import type { Change } from './drain/changes.ts'
import type { Failure } from './drain/ports.ts'
import type { Report } from './drain/report.ts'

/** The log: one JSON line for each thing that happened, on stdout. */
export function createLog(level: string): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  // Written at once: the last lines of a process are the ones that are read at 3 a.m.
  return pino(options, pino.destination({ dest: 1, sync: true }))
}

/** Logs what changed in a drain. */
export function logChange(log: Logger, change: Change): void {
  const { level, fields, text } = lineOf(change)
  log[level](fields, text)
}

interface Line {
  readonly level: 'info' | 'warn'
  readonly fields: object
  readonly text: string
}

function lineOf(change: Change): Line {
  switch (change.kind) {
    case 'phase': {
      const { target, ...seen } = change.sighting
      const fields = { ...target, ...seen, phase: change.phase.kind }
      return { level: 'info', fields, text: `target is ${seen.state}` }
    }
    case 'absent':
      return { level: 'info', fields: groupOf(change), text: 'this pod is not in the target group' }
    case 'pace': {
      const inSeconds = Math.round(change.inMs / 100) / 10
      const fields = { ...groupOf(change), pace: change.pace, inSeconds }
      return { level: 'info', fields, text: 'pace of looks' }
    }
    case 'trouble':
      return { level: 'warn', fields: failureOf(change), text: change.failure.said }
    case 'recovered':
      return { level: 'info', fields: groupOf(change), text: 'looks are answered again' }
    case 'undescribed':
      return {
        level: 'warn',
        fields: failureOf(change),
        text: `${change.failure.said}; the drain goes on without it`,
      }
  }
}

function groupOf({ group }: { group: string }) {
  return { group }
}

function failureOf({ group, failure }: { group: string; failure: Failure }) {
  return { group, failure: failure.kind }
}

/** The closing line of a drain. */
export function logRelease(log: Logger, report: Report): void {
  const { outcome, because } = report
  const asked = outcome === 'deadline' || outcome === 'fallback' ? 'warn' : 'info'
  log[asked](report, `released after ${report.heldSeconds} s: ${because}`)
}
