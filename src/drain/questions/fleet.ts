import { controllerLagMs, isLookedFor, type Limits } from '../judgement/limits.ts'
import type { GroupProgress, Progress } from '../knowledge/progress.ts'

/**
 * How the pods that drain together share one small budget of calls. All `Describe*` calls of an account
 * and Region draw on one bucket: 40 tokens, and 10 more each second. The controller that has to
 * deregister us draws on it too, and when it finds the bucket empty, everybody waits. So all pods
 * together take `callsPerSecond` (5) at most, and N of them may each call once in N/5 seconds. N is what
 * the last listing showed of the group; other groups of the account are not in it.
 */
export function shareMs(group: GroupProgress, limits: Limits): number {
  if (isLookedFor(limits)) return 0
  const { othersDraining } = group
  return (1_000 * (1 + othersDraining)) / limits.callsPerSecond
}

/** What keeps pods that began together from looking together. */
export interface Chance {
  /** 0 to 1, another for each look and pod. */
  readonly unit: number
  /** 0.75 to 1.25, likewise. */
  readonly jitter: number
}

export function chanceOf({ answers }: GroupProgress, { spread }: Limits): Chance {
  const looks = Object.values(answers).reduce((sum, count) => sum + count, 0)
  // The golden ratio spreads consecutive ones evenly.
  const unit = (spread + looks * 0.618_034) % 1
  return { unit, jitter: 0.75 + unit / 2 }
}

/**
 * When to call again after calls were throttled. The bucket is empty, and the controller needs it most: as
 * long as it may not have deregistered the pod, it goes first: it backs off as well, and those who try again
 * soon keep a crowd registered until their time is up (docs/benchmarks.md). Then after pauses that double.
 *
 * @param inARow How many were.
 * @param lastMs When the last of them was answered.
 * @param unit 0 to 1, another for each look and pod.
 */
export function afterThrottling(
  inARow: number,
  lastMs: number,
  { startedAtMs }: Progress,
  unit: number,
): number {
  const pauseMs = Math.min(shortestMs * 2 ** (inARow - 1), longestMs) * (0.5 + unit)
  return Math.max(lastMs + pauseMs, startedAtMs + controllerLagMs * (1 + unit / 2))
}

/** When to ask a lookout again that has not answered. */
export function againMs(unit: number): number {
  return 1_000 * (1 + unit)
}

const shortestMs = 20_000
const longestMs = 120_000
