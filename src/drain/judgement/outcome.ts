import type { Failure } from '../ports.ts'
import type { Hook } from './limits.ts'

/** Why a hook was released. */
export type Outcome =
  /** Every target is gone and settled. */
  | { readonly kind: 'deregistered' }
  /** Every target is draining and settled, and its port has no connections; or gone. */
  | { readonly kind: 'idle' }
  /**
   * Every target is draining and settled; or gone. Of a group of nodes: the settle time is over. `cut`: more
   * was waited for, but the time was up.
   */
  | { readonly kind: 'settled'; readonly cut?: 'by-deadline' }
  /** The pod is in none of the groups that were looked at. */
  | { readonly kind: 'unregistered' }
  /** Nobody is deleting the pod: a container restarts. A later hook is another drain. */
  | { readonly kind: 'not-terminating' }
  /** The time was up, and the pod may still get requests. */
  | { readonly kind: 'deadline' }
  /** Nothing could be learnt of a group, or of whether there are more of them. */
  | { readonly kind: 'fallback'; readonly because: Failure }

/** How a hook's wait ended, and when, in monotonic milliseconds. */
export interface DrainEnd {
  readonly hook: Hook
  readonly outcome: Outcome
  readonly atMs: number
}
