import type { Limits } from '../../src/drain/judgement/limits.ts'
import type { Failure, FoundGroup, PodSeen } from '../../src/drain/ports.ts'
import { type LoadBalancerKind, settleOf } from '../../src/drain/target.ts'

/**
 * Everything that happens around one pod on its way out, as plain data: a failing world can be read.
 * Milliseconds since the first hook; what was before it is negative.
 */
export interface World {
  readonly groups: readonly GroupWorld[]
  /** Where nobody named the groups: what the cluster tells of them from an instant on. */
  readonly search?: readonly (readonly [fromMs: number, SearchWorld])[]
  /** What the pod's cluster says from an instant on. */
  readonly pod: readonly (readonly [fromMs: number, PodSeen | Failure['kind']])[]
  /** How many connections every port has from an instant on. */
  readonly connections: readonly (readonly [fromMs: number, number])[] | 'uncountable'
  readonly limits: Limits
  /** When further hooks come, after the first. */
  readonly hooksMs: readonly number[]
  /** When the process stands still, in order and apart. */
  readonly freezes: readonly Span[]
  /** How long an answer takes, in turn for the questions of one name. */
  readonly latenciesMs: readonly number[]
  /** At which part of its latency an answer is true: 0 when asked, 1 when answered. */
  readonly trueAt: number
}

/** What a search finds: of each group whether it is told, and as what; and what keeps others away. */
export interface SearchWorld {
  readonly claims: readonly (FoundGroup['claim'] | 'hidden')[]
  readonly fails?: Failure['kind']
}

/** One target group, and the truth about it. */
export interface GroupWorld {
  readonly loadBalancer: LoadBalancerKind
  readonly targetType: 'ip' | 'instance'
  readonly delayMs: number
  /** For how long new requests still come after the target has left service. */
  readonly propagationMs: number
  /** The pod's own, one for each port. */
  readonly targets: readonly TargetWorld[]
  /** How many others of the group drain. */
  readonly othersDraining: number
  /** When no other target of the group is healthy. */
  readonly othersSick: readonly Span[]
  /** From when the group is on no load balancer, or does not exist. */
  readonly lost?: { readonly atMs: number; readonly how: 'detached' | 'deleted' }
  /** What looks are answered with instead of the truth. */
  readonly faults: readonly Fault[]
  /** Which look, counted from 0, finds none of the pod's targets, though they are there. */
  readonly lapse?: number
  /** What `describe` fails to tell, and until when. */
  readonly undescribed: readonly Undescribed[]
}

export interface TargetWorld {
  readonly port: number
  /** When it is registered, in order and apart. */
  readonly registered: readonly Span[]
  /** For how long it is `initial` each time. */
  readonly warmMs: number
  /** When its health checks fail. */
  readonly sick: readonly Span[]
}

/** From one instant, inclusive, to another, exclusive. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export interface Fault extends Span {
  /** `timeout`: no answer for five seconds. `hang`: none at all until the question is given up. */
  readonly kind: 'throttled' | 'denied' | 'unreachable' | 'malformed' | 'timeout' | 'hang'
}

export interface Undescribed {
  readonly untilMs: number
  readonly kind: Exclude<Failure['kind'], 'gone'>
  readonly what: 'everything' | 'deregistrationDelayMs' | 'loadBalancer'
}

/** What the load balancer says of one target: nothing once it has finished, or never was. */
export interface Shown {
  readonly state: string
  readonly reason?: string
}

export function stateOf(target: TargetWorld, group: GroupWorld, atMs: number): Shown | undefined {
  const registered = spanAt(target.registered, atMs)
  const left = target.registered.findLast(({ toMs }) => toMs <= atMs)
  if (!registered && (!left || atMs >= left.toMs + group.delayMs)) return undefined
  const isDetached = group.lost !== undefined && atMs >= group.lost.atMs
  if (isDetached && registered) return { state: 'unused', reason: 'Target.NotInUse' }
  const sick = spanAt(target.sick, atMs) !== undefined
  if (!registered) {
    if (sick && group.loadBalancer === 'network') return { state: 'unhealthy.draining' }
    return { state: 'draining', reason: 'Target.DeregistrationInProgress' }
  }
  if (sick) return { state: 'unhealthy', reason: 'Target.FailedHealthChecks' }
  return atMs < registered.fromMs + target.warmMs
    ? { state: 'initial', reason: 'Elb.InitialHealthChecking' }
    : { state: 'healthy' }
}

/** No target of the group is healthy: requests go to the unhealthy ones. */
export function failsOpen(group: GroupWorld, atMs: number): boolean {
  const healthy = group.targets.some((target) => stateOf(target, group, atMs)?.state === 'healthy')
  return !healthy && spanAt(group.othersSick, atMs) !== undefined
}

/** When the load balancer had the target in service. Propagation is not in it. */
export function serviceOf(target: TargetWorld, group: GroupWorld): Span[] {
  const { targets, othersSick, lost } = group
  const all = targets.flatMap(({ registered, sick }) => [...registered, ...sick])
  const edges = [...all, ...othersSick].flatMap(({ fromMs, toMs }) => [fromMs, toMs])
  const warm = targets.flatMap((t) => t.registered.map(({ fromMs }) => fromMs + t.warmMs))
  const cuts = [...new Set([-Infinity, ...edges, ...warm, ...(lost ? [lost.atMs] : [])])]
    .filter((atMs) => atMs < Infinity)
    .sort((a, b) => a - b)
  const spans: Span[] = []
  for (const [index, fromMs] of cuts.entries()) {
    if (!inService(target, group, Math.max(fromMs, -Number.MAX_VALUE))) continue
    const toMs = cuts[index + 1] ?? Infinity
    const before = spans.at(-1)
    if (before?.toMs === fromMs) spans[spans.length - 1] = { fromMs: before.fromMs, toMs }
    else spans.push({ fromMs, toMs })
  }
  return spans
}

function inService(target: TargetWorld, group: GroupWorld, atMs: number): boolean {
  const state = stateOf(target, group, atMs)?.state
  if (state === 'unhealthy') return failsOpen(group, atMs)
  return state === 'healthy' || state === 'initial'
}

/** The settle time that the group deserves: that of its true kind, unless the limits name one. */
export function trueSettleOf({ loadBalancer }: GroupWorld, limits: Limits): number {
  return limits.settleMs ?? settleOf(loadBalancer)
}

/** Nothing fails, nothing freezes and nothing is undone: such a world's end can be foretold. */
export function isCalm({ groups, freezes, connections, search }: World): boolean {
  const steady = groups.every(
    ({ targets, faults, undescribed, lost, lapse }) =>
      faults.length + undescribed.length === 0 &&
      !lost &&
      lapse === undefined &&
      targets.every(({ registered, sick }) => registered.length < 2 && sick.length === 0),
  )
  const whole = search?.every(
    ([, { claims, fails }]) => !fails && claims.every((c) => c === 'bound'),
  )
  if (whole === false || groups.some(({ othersDraining }) => othersDraining > 4)) return false
  return steady && freezes.length === 0 && (connections === 'uncountable' || connections.length < 3)
}

export function spanAt<S extends Span>(spans: readonly S[], atMs: number): S | undefined {
  return spans.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs)
}

/** The groups that a drain begins with. */
export function namedGroups({ groups, search }: World): string[] {
  return search ? [] : groups.map((_, index) => arnOf(index))
}

export function arnOf(index: number): string {
  return `group-${index}`
}
