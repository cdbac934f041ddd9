import type { GroupProgress, Progress } from '../knowledge/progress.ts'
import type { TargetType } from '../target.ts'
import { isOfNodes } from './clear.ts'
import { controllerLagMs, graceEndOf, type Hook, type Limits, settleOfGroup } from './limits.ts'

/** What a pod has to have time for. Milliseconds. */
export interface Needs {
  /** The deregistration delay; 0 where the mode does not wait for its end. */
  readonly delayMs: number
  readonly settleMs: number
  readonly reserveMs: number
  readonly targetType?: TargetType | undefined
}

/**
 * The grace period that has room for all of a drain, in milliseconds: for the controller, for what is waited
 * for, and for the app. No other number is recommended anywhere.
 */
export function neededGraceMs({ delayMs, settleMs, reserveMs, targetType }: Needs): number {
  // Nobody deregisters a node: the settle time is counted from the hook on.
  if (targetType === 'instance') return settleMs + reserveMs
  return controllerLagMs + Math.max(delayMs, settleMs) + reserveMs
}

/** A deregistration delay that does not fit into the grace period. Milliseconds. */
export interface ShortGrace {
  readonly delayMs: number
  readonly graceMs: number
  /** The grace period that would do. */
  readonly neededMs: number
}

/** Undefined where the delay fits, where nobody waits for it, or as long as the grace period is not known. */
export function shortGraceOf(
  group: GroupProgress,
  progress: Progress,
  hook: Hook,
  limits: Limits,
): ShortGrace | undefined {
  const { deregistrationDelayMs: delayMs } = group.facts
  const isWaitedFor = limits.releaseWhen === 'deregistered' && hasToDrain(group)
  if (delayMs === undefined || !isWaitedFor || !isGraceTold(progress)) return undefined
  const graceMs = graceOf(hook, progress, limits)
  if (delayMs + limits.reserveMs <= graceMs) return undefined
  return { delayMs, graceMs, neededMs: neededBy(group, limits) }
}

/** The pod's grace period: its own, where it tells; a deletion may have granted less. */
export function graceOf(hook: Hook, progress: Progress, limits: Limits): number {
  const { deletion, graceMs } = progress.pod?.seen ?? {}
  const isOwn = deletion === 'deleting' && graceMs !== undefined
  return isOwn ? graceMs : graceEndOf(hook, progress, limits) - hook.arrivedAtMs
}

/** The grace period that a drain would need in all of its groups; undefined while one is not known. */
export function neededGraceOf({ groups }: Progress, limits: Limits): number | undefined {
  const waitedFor = groups.filter(hasToDrain)
  const isDelayed = limits.releaseWhen === 'deregistered'
  const known = waitedFor.every(
    ({ facts }) => !isDelayed || facts.deregistrationDelayMs !== undefined,
  )
  if (waitedFor.length === 0 || !known) return undefined
  return Math.max(...waitedFor.map((group) => neededBy(group, limits)))
}

function neededBy(group: GroupProgress, limits: Limits): number {
  const { deregistrationDelayMs = 0 } = group.facts
  const delayMs = limits.releaseWhen === 'deregistered' ? deregistrationDelayMs : 0
  return neededGraceMs({
    delayMs,
    settleMs: settleOfGroup(group, limits),
    reserveMs: limits.reserveMs,
  })
}

/** A target of the pod was found in service, or draining. */
function hasToDrain(group: GroupProgress): boolean {
  const served = group.targets.some(
    ({ registeredAtMs, drainingAtMs }) =>
      registeredAtMs !== undefined || drainingAtMs !== undefined,
  )
  return served && !isOfNodes(group)
}

/**
 * Whether the grace period is known. A restart has one of its own, and that of the settings counts only when the
 * pod cannot tell.
 */
function isGraceTold({ pod }: Progress): boolean {
  const toldBy = pod?.seen ? pod.seen.deletion : pod?.failure?.kind
  return toldBy === 'deleting' || toldBy === 'cannot-tell' || toldBy === 'denied'
}
