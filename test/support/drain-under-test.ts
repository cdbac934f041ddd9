import type { Change } from '../../src/drain/account/change.ts'
import { createDrain } from '../../src/drain/drain.ts'
import type { Limits } from '../../src/drain/judgement/limits.ts'
import type { DrainEnd } from '../../src/drain/judgement/outcome.ts'
import type { Balancer, Found, PodSeen, PodUnseen, Ports } from '../../src/drain/ports.ts'
import { type ScriptedGroup, scriptedBalancer } from './scripted-balancer.ts'
import { createVirtualClock } from './virtual-clock.ts'

export const roomy: Limits = {
  graceMs: 1_000_000,
  reserveMs: 5_000,
  fallbackMs: 30_000,
  releaseWhen: 'deregistered',
  idleMs: 5_000,
  restartMs: 15_000,
  callsPerSecond: 5,
  looking: 'by-itself',
  // The first look comes two seconds after the hook.
  spread: 0,
}

export const nothing: Found = { kind: 'found', groups: [], more: 0, missing: [], narrowed: [] }

/** A pod about which nothing can be told, and connections that cannot be counted. */
export const blind: Omit<Ports, 'balancer'> = {
  search: { find: async () => nothing },
  pod: { look: async () => ({ kind: 'pod', deletion: 'cannot-tell' }) },
  connections: { count: async () => ({ kind: 'unreachable', said: 'no table' }) },
}

/** What the pod's cluster says from an instant on. */
export type PodScript = readonly (readonly [number, PodSeen | PodUnseen])[]
export type SearchScript = readonly (readonly [number, Found])[]
/** How many connections every port has from an instant on. */
export type ConnectionScript = readonly (readonly [number, number])[]

export interface Surroundings {
  readonly pod?: PodScript
  /** How long an answer about the pod takes, which is true of when it was asked for. */
  readonly podLatencyMs?: number
  readonly connections?: ConnectionScript
  /** What a search finds from an instant on; without it the drain is told its groups. */
  readonly search?: SearchScript
  readonly wrap?: (balancer: Balancer) => Balancer
}

export type Stage = Parameters<typeof drainUnderTest>

/** What happens to the process itself: when hooks come, and when it stands still. */
export interface Course {
  readonly hooksMs?: readonly number[]
  readonly freezes?: readonly (readonly [fromMs: number, toMs: number])[]
}

/** A pod that is known to be deleted from the start on. */
export const deleted: Surroundings & Course = {
  pod: [[0, { kind: 'pod', deletion: 'deleting', ready: true }]],
}

/** A real drain on a virtual clock, in front of groups that follow a script. */
export function drainUnderTest(
  groups: Readonly<Record<string, ScriptedGroup>>,
  limits: Partial<Limits> = {},
  { wrap = (balancer) => balancer, search, pod, podLatencyMs = 0, connections }: Surroundings = {},
) {
  const clock = createVirtualClock()
  const balancer = scriptedBalancer(clock, groups)
  const at = <T>(script: readonly (readonly [number, T])[]) =>
    script.findLast(([from]) => from <= clock.now())?.[1]
  const changes: Change[] = []
  const counts: number[] = []
  const drain = createDrain({
    ports: {
      balancer: wrap(balancer),
      search: search ? { find: async () => at(search) ?? nothing } : blind.search,
      pod: pod
        ? {
            async look(signal) {
              const seen = at(pod) ?? ({ kind: 'pod', deletion: 'cannot-tell' } as const)
              if (podLatencyMs > 0) await clock.sleepUntil(clock.now() + podLatencyMs, signal)
              return seen
            },
          }
        : blind.pod,
      connections: connections
        ? {
            async count(ports) {
              counts.push(clock.now())
              const established = new Map(ports.map((port) => [port, at(connections) ?? 0]))
              return { kind: 'counted', established }
            },
          }
        : blind.connections,
    },
    clock,
    groups: search ? [] : Object.keys(groups),
    limits: { ...roomy, ...limits },
    tell: (change) => changes.push(change),
  })
  const { looks, descriptions } = balancer
  return { clock, drain, changes, counts, looks, descriptions }
}

/**
 * Plays a drain to its end, of one hook that comes at once where nothing else is said.
 *
 * @returns `ended`: how each hook was released, and at which second since the first.
 */
export async function play(
  groups: Stage[0],
  limits: Stage[1] = {},
  { hooksMs = [0], freezes = [], ...surroundings }: Surroundings & Course = {},
) {
  const stage = drainUnderTest(groups, limits, surroundings)
  const { clock, drain } = stage
  const held: Promise<DrainEnd>[] = []
  const acts = [
    ...hooksMs.map((atMs) => ({ atMs, act: async () => void held.push(drain.join()) })),
    ...freezes.map(([atMs, toMs]) => ({ atMs, act: () => clock.freeze(toMs - atMs) })),
  ]
  for (const { atMs, act } of acts.sort((a, b) => a.atMs - b.atMs)) {
    await clock.advance(Math.max(0, atMs - clock.now()))
    await act()
  }
  const ends = await clock.runUntil(Promise.all(held))
  return { ...stage, ends, ended: ends.map(told).join(', ') }
}

function told(end: DrainEnd): string {
  const { outcome } = end
  const how = outcome.kind === 'settled' && outcome.cut ? 'settled, cut,' : outcome.kind
  return `${how} at ${secondsOf([end])}`
}

/** At which seconds, to the millisecond. */
export function secondsOf(records: readonly { readonly atMs: number }[]): number[] {
  return records.map(({ atMs }) => Math.round(atMs) / 1_000)
}
