import type { Clear } from '../judgement/clear.ts'
import { controllerLagMs, isLookedFor, type Limits } from '../judgement/limits.ts'
import type { Failures } from '../knowledge/failures.ts'
import { type GroupProgress, isIn, type Progress } from '../knowledge/progress.ts'
import { afterThrottling, againMs } from './fleet.ts'
import { closingMs, type Next, type Rhythm } from './rhythm.ts'

/** When to look again at a group of which the last look has failed. */
export function whileFailing(
  { lastMs, byMs, unit, jitter }: Rhythm,
  group: GroupProgress,
  { last, inARow }: Failures,
  clear: Clear | undefined,
  progress: Progress,
  limits: Limits,
): Next {
  const pace = 'failing'
  const isByLookout = isLookedFor(limits)
  if (last.kind === 'throttled') {
    // Who had no turn in all that time must not miss the next one for a pause, and may still be seen to be gone.
    if (isByLookout) return { atMs: lastMs, pace }
    const atMs = afterThrottling(inARow, lastMs, progress, unit)
    if (isIn(group, 'draining') || atMs <= byMs) return { atMs, pace }
    // Where the controller has had its time by then, one look just in time to settle.
    const lastLookMs = byMs - lastLooksMs * unit
    const isWorthIt =
      lastMs < byMs - lastLooksMs && lastLookMs > progress.startedAtMs + controllerLagMs
    return { atMs: isWorthIt ? lastLookMs : Infinity, pace }
  }
  const pauseMs = isByLookout ? againMs(unit) : Math.min(1_000 * 2 ** (inARow - 1), 10_000)
  const pausedMs = lastMs + pauseMs * jitter
  // One look when the end is due, however long the pause has grown; one that fails is not repeated.
  const isDue = clear && clear.provenFromMs > (group.attempt?.askedAtMs ?? 0)
  const dueMs = isDue ? Math.max(clear.atMs, lastMs + closingMs) : Infinity
  return { atMs: Math.min(pausedMs, dueMs), pace }
}

/** Over which time those spread who look just in time. */
const lastLooksMs = 4_000
