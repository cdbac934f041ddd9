import type { Change } from '../../src/drain/changes.ts'
import { createDrain, type DrainEnd } from '../../src/drain/drain.ts'
import type { Limits } from '../../src/drain/limits.ts'
import type { Balancer } from '../../src/drain/ports.ts'
import { type ScriptedGroup, scriptedBalancer } from './scripted-balancer.ts'
import { createVirtualClock } from './virtual-clock.ts'

export const roomy: Limits = {
  graceMs: 1_000_000,
  reserveMs: 5_000,
  fallbackMs: 30_000,
  spread: 0.5,
}

/** A real drain on a virtual clock, in front of groups that follow a script. */
export function drainUnderTest(
  groups: Readonly<Record<string, ScriptedGroup>>,
  limits: Partial<Limits> = {},
  wrap: (balancer: Balancer) => Balancer = (balancer) => balancer,
) {
  const clock = createVirtualClock()
  const balancer = scriptedBalancer(clock, groups)
  const changes: Change[] = []
  const drain = createDrain({
    balancer: wrap(balancer),
    clock,
    groups: Object.keys(groups),
    limits: { ...roomy, ...limits },
    tell: (change) => changes.push(change),
  })
  const end = (): Promise<DrainEnd> => clock.runUntil(drain.join())
  return { clock, drain, changes, looks: balancer.looks, end }
}
