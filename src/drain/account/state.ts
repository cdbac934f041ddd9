import type { Hook } from '../judgement/limits.ts'
import type { DrainEnd } from '../judgement/outcome.ts'
import type { Progress } from '../knowledge/progress.ts'

/** Where a drain is. */
export interface DrainState {
  readonly progress: Progress
  /** The hook that bounds it now: the first of those that are held, or the last that was. */
  readonly hook: Hook
  /** How many hooks came, those included whose callers have hung up. */
  readonly hooks: number
  /** How many of them are held. */
  readonly held: number
  /** How the last of them was released, once none is held any more. */
  readonly end?: DrainEnd
}
