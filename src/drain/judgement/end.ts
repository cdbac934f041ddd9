import type { GroupProgress, Progress, TargetProgress } from '../knowledge/progress.ts'

/**
 * The earliest and the latest moment at which a draining target's delay can end. It was deregistered before it
 * first showed `draining`, and after a look last found it registered. If no look ever did, it was deregistered
 * after the deletion of its pod, which is what makes a controller deregister it. Undefined when the delay is
 * not known.
 */
export function endOf(
  target: TargetProgress,
  group: GroupProgress,
  progress: Progress,
): { earliestMs: number; latestMs: number } | undefined {
  const { deregistrationDelayMs: delayMs } = group.facts
  const { drainingAtMs, registeredAtMs } = target
  if (delayMs === undefined || drainingAtMs === undefined) return undefined
  const fromMs = mayHaveLeftBefore(group, progress) ? drainingAtMs - delayMs : deletedAt(progress)
  return {
    earliestMs: (registeredAtMs ?? fromMs) + delayMs,
    latestMs: drainingAtMs + delayMs,
  }
}

/**
 * Whether a pod that no listing has shown may have drained before the first look: because a rollout took it out
 * of its Service earlier, or because the delay is that short.
 */
export function mayHaveLeftUnseen(group: GroupProgress, progress: Progress): boolean {
  const { absentAtMs = -Infinity, claim, facts } = group
  const { deregistrationDelayMs: delayMs = Infinity } = facts
  return claim === 'once-bound' || absentAtMs - deletedAt(progress) >= delayMs
}

/** A rollout took it out of the Service before it was deleted, or it was not ready. */
function mayHaveLeftBefore({ claim }: GroupProgress, { pod }: Progress): boolean {
  return claim === 'once-bound' || pod?.seen?.ready === false
}

/** Its grace period began with its deletion; the hook may have been called seconds after that. */
function deletedAt({ pod, startedAtMs }: Progress): number {
  return Math.min(startedAtMs, pod?.seen?.deletedAtMs ?? Infinity)
}
