import { endOf } from './end.ts'
import { isCrowded, overdueMs } from './fleet.ts'
import { blinkMs } from './learn.ts'
import { confirmMs, type Limits } from './limits.ts'
import type { ConnectionsProgress, GroupProgress, Progress, TargetProgress } from './progress.ts'
import { settleOf } from './target.ts'

/** From when a group or target does not hold, if what was seen last stays true, and by what right. */
export interface Clear {
  readonly atMs: number
  readonly by: 'unregistered' | 'deregistered' | 'settled' | 'idle'
  /** Whether a look has to come after that moment, or the time alone is proof. */
  readonly confirmed: 'by-look' | 'by-time'
}

/** From when a group does not hold any more; undefined as long as there is no telling. */
export function clearOf(
  group: GroupProgress,
  { joinedAtMs, connections }: Progress,
  now: number,
  limits: Limits,
): Clear | undefined {
  const settleMs = settleOfGroup(group, limits)
  // The controller never deregisters a pod from such a group: only time can be waited for.
  if (isOfNodes(group)) {
    return { atMs: joinedAtMs + settleMs, by: 'settled', confirmed: 'by-time' }
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
  const counted = group.facts.traffic === 'connections' ? connections : undefined
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
