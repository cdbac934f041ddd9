import { isCrowded, overdueMs } from './fleet.ts'
import { blinkMs } from './learn.ts'
import { confirmMs, type Limits } from './limits.ts'
import { endOf } from './pace.ts'
import type { Failure } from './ports.ts'
import type { ConnectionsProgress, GroupProgress, Progress, TargetProgress } from './progress.ts'
import { settleOf } from './target.ts'

/** From when a group or target does not hold, if what was seen last stays true, and by what right. */
export interface Clear {
  readonly atMs: number
  readonly by: 'unregistered' | 'deregistered' | 'settled' | 'idle'
  /** Whether a look has to come after that moment, or the time alone is proof. */
  readonly confirmed: 'by-look' | 'by-time'
}

/** What one group says to a release. */
export type Standing = {
  readonly group: GroupProgress
  /** Undefined: there is no telling. */
  readonly clear: Clear | undefined
} & (
  | { readonly kind: 'holds' }
  | { readonly kind: 'clear'; readonly clear: Clear }
  /** Nothing was learnt in the time that is given to it. */
  | { readonly kind: 'unknown'; readonly because: Failure }
)

const silence: Failure = { kind: 'unreachable', said: 'no answer came' }

/** @param fallbackAtMs Until when to hold for a group of which nothing can be learnt. */
export function standingOf(
  group: GroupProgress,
  progress: Progress,
  now: number,
  fallbackAtMs: number,
  limits: Limits,
): Standing {
  const clear = clearOf(group, progress, now, limits)
  if (clear && clear.atMs <= now && isConfirmed(group, clear))
    return { kind: 'clear', group, clear }
  if (now >= fallbackAtMs && isBlind(group)) {
    return { kind: 'unknown', group, clear, because: group.failure?.last ?? silence }
  }
  return { kind: 'holds', group, clear }
}

/**
 * The settle time that a group's targets get. A kind that nobody may ask for is taken for an ALB's;
 * one that only has not been learnt yet, for the slowest.
 */
export function settleOfGroup(group: GroupProgress, limits: Limits): number {
  const unknown = isTakenForAlb(group) ? 'application' : 'network'
  return limits.settleMs ?? settleOf(group.facts.loadBalancer ?? unknown)
}

/** Nobody may ask what kind of load balancer it is. */
export function isTakenForAlb({ facts, described }: GroupProgress): boolean {
  const missing = described?.missing ?? []
  const forbidden = missing.length > 0 && missing.every(({ kind }) => kind === 'denied')
  return forbidden && facts.loadBalancer === undefined
}

/** In a group of nodes there is nothing to look at: the state of a node says nothing of a pod. */
export function isOfNodes({ facts }: GroupProgress): boolean {
  return facts.targetType === 'instance'
}

/** Seen on its way out, or, when that was quick, only seen to have gone. */
export function wasDeregistered({ drainingAtMs, sighting }: TargetProgress): boolean {
  return drainingAtMs !== undefined || sighting.reason === 'Target.NotRegistered'
}

/**
 * Whether the pod cannot come back: it is being deleted, or every target of it was deregistered. One
 * that was only unhealthy, or in no group, or could not be seen, may serve again a minute later.
 */
export function isOnItsWayOut({ pod, groups }: Progress): boolean {
  const targets = groups.flatMap(({ targets }) => targets)
  const left = targets.length > 0 && targets.every(wasDeregistered)
  const deletion = pod?.seen?.deletion
  // A pod that stays is registered again when it is ready again.
  return deletion === 'deleting' || deletion === 'deleted' || (left && deletion !== 'staying')
}

/**
 * The latest moment at which the target can have left service: when it first showed `draining`; or,
 * when that was not seen, a whole delay before it was found finished. Where it was registered less
 * than a delay before, it cannot have drained: then when it was first found gone.
 */
export function leftServiceBy(target: TargetProgress, { facts }: GroupProgress): number {
  const { drainingAtMs, gone, registeredAtMs } = target
  if (drainingAtMs !== undefined) return drainingAtMs
  // One that was unhealthy or unused at first, and then finished, was in service until the former.
  const finished = gone?.reason === 'Target.NotRegistered'
  const drainedMs = finished ? (facts.deregistrationDelayMs ?? 0) : 0
  const goneMs = gone?.atMs ?? Infinity
  return goneMs - drainedMs < (registeredAtMs ?? -Infinity) ? goneMs : goneMs - drainedMs
}

/** Nothing is known, or no more than one absence, which may be a registration in flight. */
function isBlind(group: GroupProgress): boolean {
  const { truth, targets, failure } = group
  return !isOfNodes(group) && (!truth || (targets.length === 0 && failure !== undefined))
}

/** A look that began when the group was already clear has been answered. */
function isConfirmed(group: GroupProgress, { atMs, confirmed }: Clear): boolean {
  if (confirmed === 'by-time') return true
  // Where the pod was seen to go, a failure changes nothing. What was only missed, once, needs to be
  // missed twice.
  const seenToGo = group.targets.every(({ drainingAtMs }) => drainingAtMs !== undefined)
  const look = seenToGo && group.targets.length > 0 ? group.attempt : group.truth
  return look !== undefined && look.askedAtMs >= atMs
}

function clearOf(
  group: GroupProgress,
  { startedAtMs, connections }: Progress,
  now: number,
  limits: Limits,
): Clear | undefined {
  const settleMs = settleOfGroup(group, limits)
  // The controller never deregisters a pod from such a group: only time can be waited for.
  if (isOfNodes(group)) {
    return { atMs: startedAtMs + settleMs, by: 'settled', confirmed: 'by-time' }
  }
  if (group.targets.length === 0) return absentClear(group, settleMs)
  // What was counted before a freeze says nothing of the time since.
  const counted = connections && now - connections.askedAtMs <= blinkMs ? connections : undefined
  let latest: Clear = { atMs: -Infinity, by: 'deregistered', confirmed: 'by-look' }
  for (const target of group.targets) {
    const clear = targetClear(target, group, counted, settleMs, limits)
    if (!clear) return undefined
    const by = clear.by === 'deregistered' ? latest.by : clear.by
    const confirmed = clear.atMs > latest.atMs ? clear.confirmed : latest.confirmed
    latest = { atMs: Math.max(latest.atMs, clear.atMs), by, confirmed }
  }
  return latest
}

/**
 * A pod that is in no listing was deregistered a whole delay before at the latest, or else it would
 * still show `draining`. That proves that it has settled, unless the delay is shorter than the settle
 * time: then the pod may just have gone. Of a group that may be one of nodes it proves nothing.
 */
function absentClear(group: GroupProgress, settleMs: number): Clear | undefined {
  const { absentAtMs, facts, truth } = group
  if (absentAtMs === undefined) return undefined
  const confirmedMs = absentAtMs + confirmMs
  const drainedMs = facts.targetType === 'ip' ? (facts.deregistrationDelayMs ?? 0) : 0
  const settledMs = absentAtMs - drainedMs + settleMs
  const noGroup = truth?.about === 'no-group'
  const atMs = noGroup ? confirmedMs : Math.max(confirmedMs, settledMs)
  return { atMs, by: 'unregistered', confirmed: 'by-look' }
}

function targetClear(
  target: TargetProgress,
  group: GroupProgress,
  connections: ConnectionsProgress | undefined,
  settleMs: number,
  limits: Limits,
): Clear | undefined {
  const settledMs = leftServiceBy(target, group) + settleMs
  if (target.phase.kind === 'registered') return undefined
  if (target.phase.kind === 'gone') {
    const foundMs = target.drainingAtMs === undefined ? (target.gone?.atMs ?? Infinity) : -Infinity
    const atMs = Math.max(settledMs, foundMs + confirmMs)
    return { atMs, by: 'deregistered', confirmed: 'by-look' }
  }
  // When the latest possible end has passed and the API does not answer, or may not be asked, the
  // timer is the proof.
  const crowded = isCrowded(group, limits)
  const end = group.failure || crowded ? endOf(target, group) : undefined
  const timer = end && Math.max(end.latestMs + overdueMs, settledMs)
  const counted = group.facts.traffic === 'datagrams' ? undefined : connections
  const early = earlyClear(target, counted, settledMs, limits)
  const timed = timer === undefined ? undefined : ({ atMs: timer, by: 'deregistered' } as const)
  const first = early && (!timed || early.atMs <= timed.atMs) ? early : timed
  return first && { ...first, confirmed: crowded ? 'by-time' : 'by-look' }
}

/** `draining` is only a timer: some pods need not wait for its end. */
function earlyClear(
  { target }: TargetProgress,
  connections: ConnectionsProgress | undefined,
  settledMs: number,
  { releaseWhen, idleMs }: Limits,
): Omit<Clear, 'confirmed'> | undefined {
  if (releaseWhen === 'settled') return { atMs: settledMs, by: 'settled' }
  const sinceMs = connections?.idleSinceMs.get(target.port)
  if (releaseWhen !== 'idle' || sinceMs === undefined) return undefined
  return { atMs: Math.max(settledMs, sinceMs + idleMs), by: 'idle' }
}
