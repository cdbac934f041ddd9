import { blinkMs } from '../knowledge/learn.ts'
import type {
  ConnectionsProgress,
  GroupProgress,
  Progress,
  TargetProgress,
} from '../knowledge/progress.ts'
import { endOf, mayHaveLeftUnseen } from './end.ts'
import { confirmMs, type Hook, type Limits, settleOfGroup } from './limits.ts'

/** From when on a group or target lets go, provided that what was seen last stays true, and why. */
export interface Clear {
  readonly atMs: number
  readonly by: 'unregistered' | 'deregistered' | 'settled' | 'idle'
  /** A listing that began before this does not show it; -Infinity: the time alone is proof. */
  readonly provenFromMs: number
}

/** From when on a group lets go of a hook; undefined as long as that cannot be told. */
export function clearOf(
  group: GroupProgress,
  progress: Progress,
  hook: Hook,
  now: number,
  limits: Limits,
): Clear | undefined {
  // The controller never deregisters a pod from such a group: only time can be waited for.
  if (isOfNodes(group)) {
    const atMs = hook.arrivedAtMs + settleOfGroup(group, limits)
    return { atMs, by: 'settled', provenFromMs: -Infinity }
  }
  if (group.targets.length === 0) return absentClear(group, progress, limits)
  let latest: Clear = { atMs: -Infinity, by: 'deregistered', provenFromMs: -Infinity }
  for (const target of group.targets) {
    const clear = targetClear(target, group, progress, now, limits)
    if (!clear) return undefined
    latest = {
      atMs: Math.max(latest.atMs, clear.atMs),
      by: clear.by === 'deregistered' ? latest.by : clear.by,
      provenFromMs: Math.max(latest.provenFromMs, clear.provenFromMs),
    }
  }
  return latest
}

/**
 * A pod that is in no listing was deregistered a whole delay before at the latest, or else it would
 * still show `draining`. That proves that it has settled, unless the delay is shorter than the settle
 * time: then the pod may just have gone. Of a group that may be one of nodes it proves nothing.
 */
function absentClear(group: GroupProgress, progress: Progress, limits: Limits): Clear | undefined {
  const { absentAtMs, claim, facts, truth } = group
  if (absentAtMs === undefined) return undefined
  const by = 'unregistered'
  const noGroup = truth?.about === 'no-group'
  // A name in the settings that names nothing is a mistake, not an answer.
  if (noGroup && claim === 'named') return undefined
  const confirmedMs = absentAtMs + confirmMs
  const drainedMs = facts.targetType === 'ip' ? (facts.deregistrationDelayMs ?? 0) : 0
  const settledMs = absentAtMs - drainedMs + settleOfGroup(group, limits)
  if (claim === 'possible') {
    // Nothing said that the pod is in it: one listing is enough, unless it may have left just before.
    const mayHaveLeft = mayHaveLeftUnseen(group, progress)
    const once = { by, provenFromMs: -Infinity } as const
    if (mayHaveLeft) return { ...once, atMs: Math.max(absentAtMs, settledMs) }
    return { ...once, atMs: group.described ? absentAtMs : confirmedMs }
  }
  const atMs = noGroup ? confirmedMs : Math.max(confirmedMs, settledMs)
  return { atMs, by, provenFromMs: atMs }
}

function targetClear(
  target: TargetProgress,
  group: GroupProgress,
  progress: Progress,
  now: number,
  limits: Limits,
): Clear | undefined {
  const { phase, drainingAtMs, gone } = target
  if (phase.kind === 'registered') return undefined
  const settledMs = leftServiceBy(target, group) + settleOfGroup(group, limits)
  const sawItDrain = drainingAtMs !== undefined
  // No controller registers a pod again that is deleted: once it drains, time is proof.
  const byTime = sawItDrain && isDeleted(progress)
  const from = (atMs: number, by: Clear['by']): Clear => ({
    ...{ atMs, by },
    provenFromMs: byTime ? -Infinity : atMs,
  })
  if (phase.kind === 'gone') {
    const foundMs = sawItDrain ? -Infinity : (gone?.atMs ?? Infinity)
    return from(Math.max(settledMs, foundMs + confirmMs), 'deregistered')
  }
  const end = byTime ? endOf(target, group, progress) : undefined
  const timed = end && from(Math.max(end.latestMs + overdueMs, settledMs), 'deregistered')
  const early = earlyMs(target, group, progress, settledMs, now, limits)
  const { releaseWhen: by } = limits
  return early !== undefined && (!timed || early <= timed.atMs) ? from(early, by) : timed
}

/**
 * `draining` is a timer, which on a real ALB was over 2.1 s after its time at the latest (17 times at a
 * delay of 30 s). Milliseconds.
 */
export const overdueMs = 3_000

/** `draining` is only a timer: some pods need not wait for its end. */
function earlyMs(
  { target }: TargetProgress,
  { facts }: GroupProgress,
  { connections }: Progress,
  settledMs: number,
  now: number,
  { releaseWhen, idleMs }: Limits,
): number | undefined {
  if (releaseWhen === 'settled') return settledMs
  if (releaseWhen !== 'idle' || facts.traffic !== 'connections') return undefined
  const sinceMs = countedNow(connections, now)?.idleSinceMs.get(target.port)
  return sinceMs === undefined ? undefined : Math.max(settledMs, sinceMs + idleMs)
}

/** What was counted before a freeze says nothing of the time since. */
function countedNow(connections: ConnectionsProgress | undefined, now: number) {
  return connections && now - connections.askedAtMs <= blinkMs ? connections : undefined
}

/** Its object has a deletion time, or is gone: it does not come back. */
export function isDeleted({ pod }: Progress): boolean {
  const deletion = pod?.seen?.deletion
  return deletion === 'deleting' || deletion === 'deleted'
}

/** In a group of nodes there is nothing to look at: the state of a node says nothing of a pod. */
export function isOfNodes({ facts }: GroupProgress): boolean {
  return facts.targetType === 'instance'
}

/**
 * The latest moment at which the target can have left service: when it first showed `draining`, or a whole
 * delay before it was found finished, for `draining` shows until the delay is over (AWS, Edit target group
 * attributes: deregistration delay). Where it was registered less than a delay before, it cannot have
 * drained: then when it was first found gone.
 */
export function leftServiceBy(target: TargetProgress, { facts }: GroupProgress): number {
  const { drainingAtMs = Infinity, gone, registeredAtMs = -Infinity } = target
  const finished = gone?.reason === 'Target.NotRegistered'
  const drainedMs = finished ? (facts.deregistrationDelayMs ?? 0) : 0
  const goneMs = gone?.atMs ?? Infinity
  const leftMs = goneMs - drainedMs < registeredAtMs ? goneMs : goneMs - drainedMs
  return Math.min(drainingAtMs, leftMs)
}
