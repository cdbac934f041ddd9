import type { ShortGrace } from '../judgement/grace.ts'
import type { DrainEnd } from '../judgement/outcome.ts'
import type { Progress } from '../knowledge/progress.ts'
import type { Verdict } from '../policy.ts'
import type { Failure, PodSeen } from '../ports.ts'
import type { Pace } from '../questions/rhythm.ts'
import type { Phase, Sighting } from '../target.ts'

/** What is worth telling a person about a drain: what is now otherwise than it was. */
export type Change =
  | { readonly kind: 'phase'; readonly sighting: Sighting; readonly phase: Phase }
  | { readonly kind: 'absent'; readonly group: string }
  | { readonly kind: 'pace'; readonly group: string; readonly pace: Pace; readonly inMs: number }
  /** Looks at a group fail, or fail in another way than before. */
  | { readonly kind: 'trouble'; readonly group: string; readonly failure: Failure }
  | { readonly kind: 'recovered'; readonly group: string }
  /** A fact about the group could not be learnt: the drain goes on with less. */
  | { readonly kind: 'undescribed'; readonly group: string; readonly failure: Failure }
  /** The kind of load balancer is not known, so the group settles like the slowest. */
  | { readonly kind: 'unknown-kind'; readonly group: string; readonly settleMs: number }
  /** The group's targets are nodes: there is nothing of this pod to look at. */
  | { readonly kind: 'nodes'; readonly group: string }
  /** Its delay is longer than the grace period has room for: the drain will meet its deadline. */
  | ({ readonly kind: 'grace-too-short'; readonly group: string } & ShortGrace)
  /** The group's traffic has no connections that could be counted. */
  | { readonly kind: 'datagrams'; readonly group: string }
  /** Nor is it known whether it has any. */
  | { readonly kind: 'unknown-traffic'; readonly group: string }
  /** The pod's connections cannot be counted. */
  | { readonly kind: 'uncounted'; readonly failure: Failure }
  /**
   * The search is over: these are the pod's groups; or there are none, and those that are possible are looked
   * at once.
   */
  | {
      readonly kind: 'found'
      readonly groups: readonly string[]
      readonly possible: readonly string[]
      /** How many more are possible, too many to look at. */
      readonly more: number
    }
  /** The search failed, or was not a whole one. */
  | { readonly kind: 'unsearched'; readonly failure: Failure }
  | { readonly kind: 'pod'; readonly seen: PodSeen }
  | { readonly kind: 'pod-unseen'; readonly failure: Failure }
  /** It is known that the pod is on its way out. */
  | { readonly kind: 'leaving' }
  /** So many hooks were released together; `end` is that of the first. */
  | { readonly kind: 'released'; readonly end: DrainEnd; readonly hooks: number }

/** Where a drain stands: what is known and what follows from it. */
export interface Position {
  readonly progress: Progress
  readonly verdict: Verdict
}
