import type { ReleaseWhen } from '../../src/drain/judgement/limits.ts'
import { awsWait, everySecond, sdkWait, sleepFor } from '../world/alternatives.ts'
import { draingate } from '../world/draingate.ts'
import { lookout } from '../world/lookout.ts'
import type { SharedWait, Wait } from '../world/wait.ts'
import { away, documentedGraceMs, holdSeconds } from './cases.ts'

export type Modes = readonly ReleaseWhen[]
const all: Modes = ['deregistered', 'idle', 'settled']

/**
 * `settled` does not wait for the delay, and is played for the first of them only; of many pods those modes are that
 * tell something new.
 */
export function modesOf(size: 'few' | 'many', which: 'first' | 'further'): Modes {
  if (size === 'many') return which === 'first' ? ['deregistered', 'settled'] : ['idle']
  return which === 'first' ? all : ['deregistered', 'idle']
}

/** Two lookouts look for all pods. */
export function lookedFor(delayMs: number, modes: Modes): SharedWait[] {
  return modes.map((mode) => lookout(mode, documentedGraceMs(mode, delayMs)))
}

/** Each pod looks for itself. */
export function byThemselves(delayMs: number, modes: Modes): Wait[] {
  return modes.map((mode) => draingate(mode, documentedGraceMs(mode, delayMs)))
}

/** Nobody looks, for as long as such a pod may hold its hook; the controller has the budget for itself. */
export function sleeps(delayMs: number, modes: Modes): Wait[] {
  const lengths = new Set(modes.map((mode) => holdSeconds(mode, delayMs)))
  return [...lengths].map(sleepFor)
}

/** What people use instead. */
export function theirs(delayMs: number, modes: Modes): Wait[] {
  return [awsWait, sdkWait(3_600_000), everySecond, ...sleeps(delayMs, modes)]
}

/** Of many groups: what the lookout does, and what nobody could do better who does not look. */
export function inMany(delayMs: number, modes: Modes): (Wait | SharedWait)[] {
  return [...lookedFor(delayMs, modes), ...sleeps(delayMs, modes)]
}

/** One lookout of two is away for a while, or both. */
export function withAway(delayMs: number): SharedWait[] {
  const graceMs = documentedGraceMs('deregistered', delayMs)
  return [[], [0], [0, 1]].map((which) => {
    const what = ['', ', one away', ', both away'][which.length] ?? ''
    const wait = lookout('deregistered', graceMs, { which, ...away })
    return { ...wait, name: `${wait.name}${what}` }
  })
}
