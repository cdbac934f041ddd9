import type { Clock } from '../../src/clock.ts'
import type { Balancer, Described, Failure, Seen, View } from '../../src/drain/ports.ts'
import type { Failures } from '../../src/drain/progress.ts'
import type { GroupFacts, GroupHealth } from '../../src/drain/target.ts'

export interface Entry {
  readonly id?: string
  readonly port?: number
  readonly state: string
  readonly reason?: string
}

/** What a group shows from an instant on: this pod's entries, or a failure. */
export type Scene = readonly Entry[] | Failure

export interface ScriptedGroup {
  readonly facts?: GroupFacts
  readonly missing?: readonly Failure[]
  readonly health?: GroupHealth
  /** How many others of the group drain, and how many targets it has. */
  readonly othersDraining?: number
  readonly size?: number
  /** What the other entries of a listing are; without it there are none. */
  readonly targetType?: 'ip' | 'instance'
  /** [from when in ms, what shows] in order. */
  readonly scenes: readonly (readonly [number, Scene])[]
}

export interface LookRecord {
  readonly atMs: number
  readonly group: string
  readonly view: View['kind']
}

export const pod = '10.0.1.7'

export const healthy: Entry = { state: 'healthy' }
export const draining: Entry = { state: 'draining', reason: 'Target.DeregistrationInProgress' }

export function failure(kind: Failure['kind']): Failure {
  return { kind, said: `${kind} by script` }
}

/** So many failures in a row, from the start on. */
export function failed(kind: Failure['kind'], inARow = 1): Failures {
  return { last: failure(kind), inARow, outageAtMs: 0 }
}

const ordinary: GroupFacts = {
  loadBalancer: 'application',
  traffic: 'connections',
  targetType: 'ip',
}

/** A target that is healthy until it is deregistered, drains for the delay, and is then absent. */
export function deregisteredAt(ms: number, delayMs: number): ScriptedGroup {
  return {
    facts: { deregistrationDelayMs: delayMs, loadBalancer: 'application' },
    scenes: [
      [0, [healthy]],
      [ms, [draining]],
      [ms + delayMs, []],
    ],
  }
}

/** A balancer whose groups show what a script says, each answer `latencyMs` after its question. */
export function scriptedBalancer(
  clock: Clock,
  groups: Readonly<Record<string, ScriptedGroup>>,
  latencyMs = 50,
): Balancer & { looks: LookRecord[] } {
  const looks: LookRecord[] = []
  const sceneOf = (group: string): Scene =>
    groups[group]?.scenes.findLast(([from]) => from <= clock.now())?.[1] ?? []

  return {
    looks,
    async look(group, view, signal): Promise<Seen | Failure> {
      looks.push({ atMs: clock.now(), group, view: view.kind })
      const scene = sceneOf(group)
      await clock.sleepUntil(clock.now() + latencyMs, signal)
      return 'kind' in scene ? scene : seen(group, view, scene, groups[group])
    },
    async describe(group, _known, signal): Promise<Described> {
      await clock.sleepUntil(clock.now() + latencyMs, signal)
      const { facts, missing = [] } = groups[group] ?? {}
      return { kind: 'described', facts: { ...ordinary, ...facts }, missing }
    },
  }
}

function seen(
  group: string,
  view: View,
  scene: readonly Entry[],
  { health = 'serving', targetType, othersDraining = 0, size }: Partial<ScriptedGroup> = {},
): Seen {
  const shown = scene.map(({ id = pod, port = 8080, state, reason }) => ({
    target: { group, id, port },
    state,
    ...(reason ? { reason } : {}),
  }))
  if (view.kind === 'listing') {
    const type = targetType ?? (shown.length > 0 ? 'ip' : undefined)
    return {
      ...{ kind: 'seen', sightings: shown, group: health, othersDraining },
      ...(size === undefined ? {} : { size }),
      ...(type ? { targetType: type } : {}),
    }
  }
  const sightings = view.targets.map(
    (target) =>
      shown.find((entry) => entry.target.id === target.id && entry.target.port === target.port) ?? {
        target,
        state: 'unused',
        reason: 'Target.NotRegistered',
      },
  )
  return { kind: 'seen', sightings, group: 'unknown' }
}
