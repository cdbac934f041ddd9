import fc from 'fast-check'
import { documentedGraceMs, holdSeconds } from '../../bench/fleet/cases.ts'
import { type FleetEnd, type FleetWorld, playFleet } from '../../bench/fleet/fleet.ts'
import { sleepFor } from '../../bench/world/alternatives.ts'
import { draingate } from '../../bench/world/draingate.ts'
import type { Wait } from '../../bench/world/wait.ts'
import type { ReleaseWhen } from '../../src/drain/judgement/limits.ts'

/** Pods that are deleted together, and how they hold their hooks. */
export interface Crowd {
  readonly world: FleetWorld
  readonly mode: ReleaseWhen
}

const s = 1_000

/**
 * Up to 250 pods of one group, or 180 of several, within ten seconds or more. Of more than that the looks alone,
 * one for each, take what the controller needs: docs/benchmarks.md says what becomes of them.
 */
export const crowds: fc.Arbitrary<Crowd> = fc
  .record({
    mode: fc.constantFrom('deregistered' as const, 'idle', 'settled'),
    delayMs: fc.constantFrom(5, 15, 30, 60, 120, 300).map((seconds) => seconds * s),
    pods: fc.integer({ min: 1, max: 250 }),
    groups: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 4 })),
    staying: fc.integer({ min: 1, max: 20 }),
    withinMs: fc.oneof(fc.constant(10 * s), fc.integer({ min: 10 * s, max: 60 * s })),
    seed: fc.integer({ min: 1, max: 2 ** 30 }),
  })
  .map(({ mode, pods, ...world }) => ({
    mode,
    world: { ...world, pods: world.groups > 1 ? Math.min(pods, 180) : pods },
  }))

/** The drain that ships, with the grace period that the docs recommend. */
export function ours({ mode, world: { delayMs } }: Crowd): Wait {
  return draingate(mode, documentedGraceMs(mode, delayMs))
}

/** What is worse with a wait than with a sleep as long as its hooks may be held; nothing, if the promise holds. */
export async function worseThanSleep(crowd: Crowd, wait: Wait): Promise<string[]> {
  const { world, mode } = crowd
  const asleep = await playFleet(world, sleepFor(holdSeconds(mode, world.delayMs)))
  const held = await playFleet(world, wait)
  const wrong: string[] = []
  const [early, earlyAsleep] = [servedIn(held), servedIn(asleep)]
  if (early > 0 && earlyAsleep === 0) wrong.push(`${early} released under traffic, none asleep`)
  // What the controller takes is chance, and another one where others call: it may take ten seconds.
  const [lastMs, lastAsleepMs] = [lastIn(held), Math.max(lastIn(asleep), world.withinMs + 10 * s)]
  if (lastMs > 1.3 * lastAsleepMs) {
    wrong.push(`deregistered by ${lastMs}, asleep by ${lastAsleepMs}`)
  }
  return wrong
}

function servedIn({ pods }: FleetEnd): number {
  return pods.filter(({ traffic }) => traffic === 'coming').length
}

function lastIn({ pods }: FleetEnd): number {
  return Math.max(...pods.map(({ deregisteredMs }) => deregisteredMs))
}
