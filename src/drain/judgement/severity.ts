import type { Progress } from '../knowledge/progress.ts'
import { mayHaveLeftUnseen } from './end.ts'
import type { Outcome } from './outcome.ts'

/** `warning`: requests may have been lost, or something has to be mended. */
export type Severity = 'normal' | 'warning'

export function severityOf({ kind }: Outcome, progress: Progress): Severity {
  const isOdd = kind === 'unregistered' && isOddlyAbsent(progress)
  return kind === 'deadline' || kind === 'fallback' || isOdd ? 'warning' : 'normal'
}

/**
 * A pod that serves requests is in some target group until it is deleted: if it was found in none, and cannot
 * have left by then, the wrong ones were looked at.
 */
export function isOddlyAbsent(progress: Progress): boolean {
  const { groups, pod } = progress
  return pod?.seen?.ready === true && !groups.some((group) => mayHaveLeftUnseen(group, progress))
}
