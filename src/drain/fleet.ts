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
 * it; what they take is noticed when a look is throttled. But whoever has little time left spends a third
 * of it at most between two calls: here, and below.
 *
 * @param leftMs Until the deadline.
 */
export function fleetGapMs(group: GroupProgress, leftMs: number, limits: Limits): number {
  return Math.min(shareMs(group, limits), leftMs / 3)
}

function shareMs({ othersDraining = 0 }: GroupProgress, limits: Limits): number {
  return (1_000 * (1 + othersDraining)) / limits.callsPerSecond
}

/**
 * How many of the others that drain are awake: most drain for minutes and look only at the beginning
 * and at the end. In a rollout that goes on for long they are one in sixteen or so: 20 s of 300. All of
 * them are when all were deleted together. Which of the two it is, no first listing can tell, so it is
 * taken for something in between; each later one shows how many are new.
 */
export function othersAwake(before: GroupProgress, othersDraining: number): number {
  const { othersDraining: earlier = othersDraining, othersAwake: awake = othersDraining } = before
  const newcomers = Math.max(0, othersDraining - earlier)
  return Math.max(newcomers + awake / 8, othersDraining / 16)
}

/** For each target of a group, as long as nobody knows how many of them leave. */
const likelyGapMs = 50
const longestLikelyMs = 15_000

/**
 * How long to leave between looks for the neighbours' sake while the pod still serves, in milliseconds.
 * Of a large group many are likely to leave together, though none of them shows it yet. Whoever has little
 * time left has to see itself drain in time to settle.
 *
 * @param leftMs From the last look to the deadline.
 */
export function registeredGapMs(group: GroupProgress, leftMs: number, limits: Limits): number {
  const awakeMs = (1_000 * (group.othersAwake ?? 0)) / limits.callsPerSecond
  const likelyMs = Math.min(likelyGapMs * (group.size ?? 0), longestLikelyMs)
  return Math.min(Math.max(awakeMs, likelyMs), leftMs / 3)
}

/**
 * How long to leave the API alone that throttles, in milliseconds. The bucket was emptied by calls of
 * about now, and each of those who made them will be back. A thousand that come back within seconds
 * empty it again, and again; spread over the minute and a half before and after this, they are 10 a
 * second. Where a listing has told how many could be back, the minute and a half is for a thousand.
 * A pod that knows its delay needs no look for its release: see `clear.ts`. But one that has little
 * time left spends a third of it at most: its look is worth more than another's.
 *
 * @param inARow How many answers in a row were throttled.
 * @param leftMs From the last of them to the deadline.
 * @param unit 0 to 1, another for each look.
 */
export function throttledPauseMs(
  { size }: GroupProgress,
  inARow: number,
  leftMs: number,
  unit: number,
): number {
  const backMs = (throttledMs * (size ?? crowd)) / crowd
  const grownMs =
    Math.min(Math.max(backMs, shortestThrottledMs), throttledMs) * 1.6 ** Math.min(inARow - 1, 10)
  const pauseMs = Math.min(grownMs, longestThrottledMs, leftMs / 3)
  return Math.max(pauseMs, leastThrottledMs) * (0.5 + unit)
}

const throttledMs = 100_000
const crowd = 1_000
const shortestThrottledMs = 20_000
const longestThrottledMs = 1_200_000
const leastThrottledMs = 2_000

/** How long past the latest possible end a target may go on showing `draining` before it is odd. */
export const overdueMs = 10_000

/**
 * So many pods drain beside this one that a look would come later than it could tell anything: then a
 * timer that has run out is believed without one.
 */
export function isCrowded(group: GroupProgress, limits: Limits): boolean {
  return shareMs(group, limits) > overdueMs
}
