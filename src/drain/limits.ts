import type { GroupProgress, Progress } from './progress.ts'

/** What bounds a drain. Milliseconds. */
export interface Limits {
  /** The pod's termination grace period, as long as the pod itself has not told it. */
  readonly graceMs: number
  /** The part of it that is kept for the app's own shutdown. */
  readonly reserveMs: number
  /** How long to hold when nothing can be learnt. */
  readonly fallbackMs: number
  /** The settle time; without it, by load balancer kind. */
  readonly settleMs?: number
  /** What the drain waits for. */
  readonly releaseWhen: ReleaseWhen
  /** How long a port must have been without connections to count as idle. */
  readonly idleMs: number
  /** How long to wait for a sign that the pod is being deleted at all. */
  readonly restartMs: number
  /** How many API calls a second all pods that drain together may make. */
  readonly callsPerSecond: number
  /** Drawn once, from 0 to 1: pods that start together should not look together. */
  readonly spread: number
}

/**
 * An absence is believed when it is seen again this long after: a registration may be in flight, or
 * the one answer may have been wrong. Milliseconds.
 */
export const confirmMs = 5_000

/** The longest that a controller usually takes to deregister a pod. Milliseconds. */
export const controllerLagMs = 10_000

/** When to release. */
export type ReleaseWhen =
  /** Each target is gone and settled. */
  | 'deregistered'
  /** Or it is draining and settled, and its port has no connections. */
  | 'idle'
  /** Or it is draining and settled: the app finishes what is in flight after SIGTERM. */
  | 'settled'

/**
 * When the pod's grace period ends, in monotonic milliseconds: by the pod's own word where it gave
 * one, for a second deletion may shorten it. Else it is counted from the latest hook, or the hook of
 * a deletion would be held for no more than is left of a restart's.
 */
export function graceEndOf({ joinedAtMs, pod }: Progress, limits: Limits): number {
  return pod?.seen?.graceEndsAtMs ?? joinedAtMs + (pod?.seen?.graceMs ?? limits.graceMs)
}

/**
 * From when on a pod that nobody deletes is taken to stay, in monotonic milliseconds: early enough for
 * one more look before the time is up.
 */
export function restartBoundOf(progress: Progress, limits: Limits): number {
  const boundMs = Math.min(
    limits.restartMs + progress.joinedAtMs,
    deadlineOf(progress, limits) - lookMs,
  )
  return Math.max(boundMs, progress.joinedAtMs)
}

/** What a look usually takes, with room to spare. */
const lookMs = 2_000

/** When the time is up, in monotonic milliseconds. */
export function deadlineOf(progress: Progress, limits: Limits): number {
  return Math.max(progress.startedAtMs, graceEndOf(progress, limits) - limits.reserveMs)
}

/**
 * Until when to hold for what cannot be learnt: from the latest hook, or from when the answers stopped.
 * Throttling is no outage: the API is there, and others need it more. Time that the process did not see
 * is none, nor is there any answer before the first look; and a pod that was deleted by force has no
 * time at all, whatever could be learnt.
 */
export function fallbackOf(
  progress: Progress,
  { failure, knownAtMs = progress.startedAtMs }: Partial<GroupProgress> = {},
  limits: Limits,
): number {
  const { joinedAtMs, thawedAtMs = -Infinity, pod } = progress
  if (pod?.seen?.deletion === 'deleted') return Infinity
  const deadlineMs = deadlineOf(progress, limits)
  if (failure?.last.kind === 'throttled') return deadlineMs
  const heldMs = Math.max(limits.fallbackMs, patienceMs)
  const lookedMs = Math.max(thawedAtMs, knownAtMs) + patienceMs
  const outageAtMs = failure?.outageAtMs ?? -Infinity
  const fallbackMs = Math.max(joinedAtMs + heldMs, outageAtMs + heldMs, lookedMs)
  // Where there was no time for an answer, it was the time that was up.
  return Math.min(fallbackMs, failure ? deadlineMs : Math.max(deadlineMs, knownAtMs + lookMs))
}

/** How long there is at least for a look before it is believed that nothing can be learnt. */
const patienceMs = 5_000
