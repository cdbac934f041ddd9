import { isOfNodes } from './clear.ts'
import { controllerLagMs, graceEndOf, type Limits } from './limits.ts'
import type { GroupProgress, Progress } from './progress.ts'

/** A deregistration delay that does not fit into the grace period. Milliseconds. */
export interface ShortGrace {
  readonly delayMs: number
  readonly graceMs: number
  /** The grace period that would do. */
  readonly neededMs: number
}

/** Undefined where the delay fits, or is not waited for, or cannot be held against a grace period yet. */
export function shortGraceOf(
  group: GroupProgress,
  progress: Progress,
  limits: Limits,
): ShortGrace | undefined {
  const { deregistrationDelayMs: delayMs } = group.facts
  const isWaitedFor = limits.releaseWhen === 'deregistered' && hasToDrain(group)
  if (delayMs === undefined || !isWaitedFor || !isGraceTold(progress)) return undefined
  const graceMs = graceEndOf(progress, limits) - progress.joinedAtMs
  if (delayMs + limits.reserveMs <= graceMs) return undefined
  return { delayMs, graceMs, neededMs: delayMs + controllerLagMs + limits.reserveMs }
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
 * A restart has another grace period, and that of the settings is not the pod's as long as the pod may
 * tell its own.
 */
function isGraceTold({ pod }: Progress): boolean {
  const toldBy = pod?.seen ? pod.seen.deletion : pod?.failure?.kind
  return toldBy === 'deleting' || toldBy === 'cannot-tell' || toldBy === 'denied'
}
