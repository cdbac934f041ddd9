import type { Failures } from '../../src/drain/knowledge/failures.ts'
import type { Balancer, Described, Failure, Seen, Wanted } from '../../src/drain/ports.ts'
import type { GroupFacts, GroupHealth, LoadBalancerKind } from '../../src/drain/target.ts'
import type { Clock } from '../../src/time/clock.ts'

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
  readonly undescribed?: Undescribed
  /** How long a look takes: 50 ms, where that is not said. */
  readonly latencyMs?: number
  readonly health?: GroupHealth
  /** How many others of the group drain. */
  readonly othersDraining?: number
  /** What the other entries of a listing are; without it there are none. */
  readonly targetType?: 'ip' | 'instance'
  /** [from when in ms, what shows] in order. */
  readonly scenes: readonly (readonly [number, Scene])[]
}

/** What describing the group does not tell: all of it and for ever, where that is not said. */
export interface Undescribed {
  readonly because: Failure['kind']
  readonly what?: Wanted
  readonly untilMs?: number
}

export interface LookRecord {
  readonly atMs: number
  readonly group: string
}

export interface DescriptionRecord extends LookRecord {
  readonly wanted: readonly Wanted[]
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

/** A group that shows this from each second on. */
export function showing(
  scenes: Readonly<Record<number, Scene>>,
  delaySeconds = 60,
  loadBalancer: LoadBalancerKind = 'application',
): ScriptedGroup {
  return {
    facts: { deregistrationDelayMs: delaySeconds * 1_000, loadBalancer },
    scenes: Object.entries(scenes).map(([second, scene]) => [Number(second) * 1_000, scene]),
  }
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

/** A balancer whose groups show what a script says. */
export function scriptedBalancer(
  clock: Clock,
  groups: Readonly<Record<string, ScriptedGroup>>,
): Balancer & { looks: LookRecord[]; descriptions: DescriptionRecord[] } {
  const looks: LookRecord[] = []
  const descriptions: DescriptionRecord[] = []
  const sceneOf = (group: string): Scene =>
    groups[group]?.scenes.findLast(([from]) => from <= clock.now())?.[1] ?? []

  return {
    ...{ looks, descriptions },
    async look(group, signal): Promise<Seen | Failure> {
      looks.push({ atMs: clock.now(), group })
      const scene = sceneOf(group)
      await clock.sleepUntil(clock.now() + (groups[group]?.latencyMs ?? 50), signal)
      return 'kind' in scene ? scene : seen(group, scene, groups[group])
    },
    async describe(group, wanted, signal): Promise<Described> {
      descriptions.push({ atMs: clock.now(), group, wanted })
      const { facts, undescribed } = groups[group] ?? {}
      const { because, what, untilMs = Infinity } = undescribed ?? { untilMs: 0 }
      const isHidden = (one: Wanted) => clock.now() < untilMs && (what ?? one) === one
      const hidden = wanted.filter(isHidden)
      await clock.sleepUntil(clock.now() + 50, signal)
      return {
        kind: 'described',
        facts: factsOf(
          { ...ordinary, ...facts },
          wanted.filter((one) => !hidden.includes(one)),
        ),
        missing: because ? hidden.map(() => failure(because)) : [],
      }
    },
  }
}

function factsOf(all: GroupFacts, told: readonly Wanted[]): GroupFacts {
  const { deregistrationDelayMs, ...kind } = all
  const isDelayTold = told.includes('delay') && deregistrationDelayMs !== undefined
  return {
    ...(isDelayTold ? { deregistrationDelayMs } : {}),
    ...(told.includes('kind') ? kind : {}),
  }
}

function seen(
  group: string,
  scene: readonly Entry[],
  { health = 'serving', targetType, othersDraining = 0 }: Partial<ScriptedGroup> = {},
): Seen {
  const sightings = scene.map(({ id = pod, port = 8080, state, reason }) => ({
    target: { group, id, port },
    state,
    ...(reason ? { reason } : {}),
  }))
  const type = targetType ?? (sightings.length > 0 ? 'ip' : undefined)
  return {
    ...{ kind: 'seen', sightings, group: health, othersDraining },
    ...(type ? { targetType: type } : {}),
  }
}
