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
/** From so many on one world is as good as several. */
const enough = 1_000

export function crowd(pods: number, seeds: number): { fleet: FleetCase; size: 'few' | 'many' } {
  const size = pods > mostInOne ? 'many' : 'few'
  const groups = size === 'many' ? 50 : 1
  const where = size === 'many' ? `${groups} groups` : 'one group'
  const fleet = {
    what: `${pods.toLocaleString('en')} pods of ${where}, deleted within 10 s`,
    world: { pods, groups, staying: 1, withinMs: 10_000 },
    seeds: pods >= enough ? 1 : seeds,
  }
  return { fleet, size }
}

/** Few pods of each of many groups: a lookout gives one group after the other its turn. */
export function manyGroups(groups: number): FleetCase {
  const pods = groups * eachGroup
  return {
    what: `${pods.toLocaleString('en')} pods of ${groups} groups, deleted within 10 s`,
    world: { pods, groups, staying: 1, withinMs: 10_000 },
    seeds: 1,
  }
}

const eachGroup = 5

/** How often a lookout is asked does not change what it asks. */
export const hundredThousand: FleetCase = {
  what: '100,000 pods of 500 groups, deleted within 10 s',
  world: { pods: 100_000, groups: 500, staying: 1, withinMs: 10_000 },
  seeds: 1,
}

/** While lookouts are away for 20 s, in the middle of it. */
export const awayCase: FleetCase = {
  what: '2,000 pods of 20 groups, deleted within 10 s',
  world: { pods: 2_000, groups: 20, staying: 1, withinMs: 10_000 },
  seeds: 1,
}
export const away = { fromMs: 15_000, untilMs: 35_000 }

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
