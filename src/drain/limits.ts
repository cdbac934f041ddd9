import type { Progress } from './progress.ts'

/** What bounds a drain. Milliseconds. */
export interface Limits {
  /** The pod's termination grace period. */
  readonly graceMs: number
  /** The part of it that is kept for the app's own shutdown. */
  readonly reserveMs: number
  /** How long to hold when nothing can be learnt. */
  readonly fallbackMs: number
  /** The settle time; without it, by load balancer kind. */
  readonly settleMs?: number
  /** This pod's place among its neighbours, 0 to 1, drawn once: see `PaceContext`. */
  readonly spread: number
}

/** When the time is up, in monotonic milliseconds. */
export function deadlineOf({ startedAtMs }: Progress, limits: Limits): number {
  return startedAtMs + Math.max(0, limits.graceMs - limits.reserveMs)
}
