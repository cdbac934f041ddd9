import type { Ask } from './asks.ts'
import { confirmMs } from './limits.ts'
import type { Failure } from './ports.ts'
import type { GroupProgress, Progress, SearchProgress } from './progress.ts'

/** What the search for the pod's target groups says to a release. */
export type SearchStanding =
  | { readonly kind: 'holds' }
  /** All are known; or it was found twice that none is the pod's. */
  | { readonly kind: 'clear' }
  /** Something was not learnt in the time that is given to it. */
  | { readonly kind: 'unknown'; readonly because: Failure }

const silence: Failure = { kind: 'unreachable', said: 'no answer came from the cluster' }
const longestPauseMs = 10_000

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

/** Searches until all is found, and to confirm that there is nothing; at once, then more seldom. */
export function searchAsks({ groups, search, startedAtMs }: Progress): Ask[] {
  if (!search) return groups.length > 0 ? [] : [{ kind: 'search', atMs: startedAtMs }]
  if (search.failure) {
    const pauseMs = Math.min(1_000 * 2 ** (search.failure.inARow - 1), longestPauseMs)
    return [{ kind: 'search', atMs: search.answeredAtMs + pauseMs }]
  }
  const isOver = isFound(groups) || search.askedAtMs >= confirmedAt(search)
  return isOver ? [] : [{ kind: 'search', atMs: confirmedAt(search) }]
}

/** A group that is only possible is not found. */
function isFound(groups: readonly GroupProgress[]): boolean {
  return groups.some(({ claim }) => claim !== 'possible')
}

function confirmedAt({ noneAtMs }: SearchProgress): number {
  return (noneAtMs ?? Infinity) + confirmMs
}
