import type { Limits } from './limits.ts'
import type { GroupProgress } from './progress.ts'

/**
 * How the pods that drain together share one small budget of calls. All `Describe*` calls of an account
 * and Region draw on one bucket: 40 tokens, and 10 more each second. The controller that has to
 * deregister us draws on it too, and when it finds the bucket empty, everybody waits. So all pods
 * together take `callsPerSecond` (5) at most, and N of them may each look once in N/5 seconds: two
 * pods as often as they like, a hundred every 20 s, a thousand every 200 s.
 *
 * N is read from listings: how many others of the group drain. Other groups of the account are not in
 * it; what they take is noticed when a look is throttled.
 */
export function fleetGapMs({ othersDraining = 0 }: GroupProgress, limits: Limits): number {
  return (1_000 * (1 + othersDraining)) / limits.callsPerSecond
}

/**
 * How long to leave the API alone that throttles, in milliseconds. The bucket was emptied by calls of
 * about now, and each of those who made them will be back. A thousand that come back within seconds
 * empty it again, and again; spread over the minute and a half before and after this, they are 10 a
 * second. A pod that knows its delay needs no look for its release: see `standing.ts`. But one that has
 * little time left spends a third of it at most: its look is worth more than another's.
 *
 * @param inARow How many answers in a row were throttled.
 * @param leftMs From the last of them to the deadline.
 * @param unit 0 to 1, another for each look.
 */
export function throttledPauseMs(inARow: number, leftMs: number, unit: number): number {
  const grownMs = throttledMs * 1.6 ** Math.min(inARow - 1, 10)
  const pauseMs = Math.min(grownMs, longestThrottledMs, leftMs / 3)
  return Math.max(pauseMs, leastThrottledMs) * (0.5 + unit)
}

const throttledMs = 100_000
const longestThrottledMs = 1_200_000
const leastThrottledMs = 2_000

/** How long past the latest possible end a target may go on showing `draining` before it is odd. */
export const overdueMs = 10_000

/**
 * So many pods drain beside this one that a look would come later than it could tell anything: then a
 * timer that has run out is believed without one.
 */
export function isCrowded(group: GroupProgress, limits: Limits): boolean {
  return fleetGapMs(group, limits) > overdueMs
}
