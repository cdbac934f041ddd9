import type { GroupProgress, Progress, SearchProgress } from '../knowledge/progress.ts'
import type { Failure } from '../ports.ts'
import { confirmMs } from './limits.ts'

/** What the search for the pod's target groups says to a release. */
export type SearchStanding =
  | { readonly kind: 'holds' }
  /** All are known; or it was found twice that none is the pod's. */
  | { readonly kind: 'clear' }
  /** Something was not learnt in the time that is given to it. */
  | { readonly kind: 'unknown'; readonly because: Failure }

const silence: Failure = { kind: 'unreachable', said: 'no answer came from the cluster' }

/** @param fallbackAtMs Until when to hold for what cannot be learnt. */
export function searchStanding(
  { groups, search }: Progress,
  now: number,
  fallbackAtMs: number,
): SearchStanding {
  const because = search ? search.failure?.last : silence
  // The groups are named in the settings.
  if (!search && groups.length > 0) return { kind: 'clear' }
  if (because) return now >= fallbackAtMs ? { kind: 'unknown', because } : { kind: 'holds' }
  const isWhole = isFound(groups) || (search && search.askedAtMs >= confirmedAt(search))
  return { kind: isWhole ? 'clear' : 'holds' }
}

/** A group that is only possible is not found. */
export function isFound(groups: readonly GroupProgress[]): boolean {
  return groups.some(({ claim }) => claim !== 'possible')
}

/** When to search again, should nothing be found: a binding may be about to be made. */
export function confirmedAt({ noneAtMs }: SearchProgress): number {
  return (noneAtMs ?? Infinity) + confirmMs
}
