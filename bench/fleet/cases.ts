import { neededGraceMs } from '../../src/drain/judgement/grace.ts'
import type { ReleaseWhen } from '../../src/drain/judgement/limits.ts'
import { settleOf } from '../../src/drain/target.ts'
import { idleMs, reserveMs } from '../world/draingate.ts'
import type { FleetWorld } from './fleet.ts'

/**
 * The grace period that the docs recommend for a mode behind an ALB (docs/grace-period.md), in milliseconds;
 * with `idle`, for requests of no length to speak of.
 */
export function documentedGraceMs(mode: ReleaseWhen, delayMs: number): number {
  const settleMs = settleOf('application')
  const waits = { deregistered: delayMs, idle: settleMs + keptOpenMs + idleMs, settled: 0 }
  return neededGraceMs({ delayMs: Math.min(waits[mode], delayMs), settleMs, reserveMs })
}

/** An ALB's idle timeout, by default. */
const keptOpenMs = 60_000

/** For how long such a pod may hold its hook: a sleep of that length is what it is measured against. */
export function holdSeconds(mode: ReleaseWhen, delayMs: number): number {
  return (documentedGraceMs(mode, delayMs) - reserveMs) / 1_000
}

/** A fleet, and how many worlds of it are told in one row. */
export interface FleetCase {
  readonly what: string
  readonly world: Omit<FleetWorld, 'delayMs' | 'seed'>
  readonly seeds: number
}

/** So many pods are in one target group, and in fifty beyond that. */
const mostInOne = 1_000

export function crowd(pods: number, seeds: number): FleetCase {
  const groups = pods > mostInOne ? 50 : 1
  const where = groups === 1 ? 'one group' : `${groups} groups`
  return {
    what: `${pods.toLocaleString('en')} pods of ${where}, deleted within 10 s`,
    world: { pods, groups, staying: 1, withinMs: 10_000 },
    seeds,
  }
}

/** Those who are not in a crowd: it must not cost them anything. */
export const quietCases: readonly FleetCase[] = [
  {
    what: 'A rollout: 600 pods of a group of 1,200, one each second',
    world: { pods: 600, groups: 1, staying: 600, withinMs: 600_000 },
    seeds: 1,
  },
  {
    what: 'One pod of a group of 600, a hundred times',
    world: { pods: 1, groups: 1, staying: 599, withinMs: 1 },
    seeds: 100,
  },
  {
    what: 'One pod of a group of 3, a hundred times',
    world: { pods: 1, groups: 1, staying: 2, withinMs: 1 },
    seeds: 100,
  },
]
