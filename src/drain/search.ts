import type { Ask } from './asks.ts'
import { confirmMs } from './limits.ts'
import type { Failure } from './ports.ts'
import type { Progress, SearchProgress } from './progress.ts'

/** What the search for the pod's target groups says to a release, as long as it has found none. */
export type SearchStanding =
  | { readonly kind: 'holds' }
  /** There is none: found twice. */
  | { readonly kind: 'none' }
  /** Nothing was learnt in the time that is given to it. */
  | { readonly kind: 'unknown'; readonly because: Failure }

const silence: Failure = { kind: 'unreachable', said: 'no answer came from the cluster' }
const longestPauseMs = 10_000

/** @param fallbackAtMs Until when to hold when nothing can be learnt. */
export function searchStanding(
  { search }: Progress,
  now: number,
  fallbackAtMs: number,
): SearchStanding {
  if (search && !search.failure && search.askedAtMs >= confirmedAt(search)) return { kind: 'none' }
  const isBlind = !search || search.failure !== undefined
  if (now >= fallbackAtMs && isBlind)
    return { kind: 'unknown', because: search?.failure?.last ?? silence }
  return { kind: 'holds' }
}

/**
 * Searches until something is found, and to confirm that there is nothing; then ever more seldom, as
 * long as a part of the answer is missing that may come.
 */
export function searchAsks({ groups, search, startedAtMs }: Progress): Ask[] {
  if (!search) return groups.length > 0 ? [] : [{ kind: 'search', atMs: startedAtMs }]
  const { failure, missing, answeredAtMs, times } = search
  if (failure) {
    const pauseMs = Math.min(1_000 * 2 ** Math.min(failure.inARow - 1, 10), longestPauseMs)
    return [{ kind: 'search', atMs: answeredAtMs + pauseMs }]
  }
  if (groups.length === 0) return [{ kind: 'search', atMs: confirmedAt(search) }]
  const passing = missing.some(({ kind }) => kind !== 'denied')
  return passing ? [{ kind: 'search', atMs: answeredAtMs + longestPauseMs * times }] : []
}

function confirmedAt({ noneAtMs }: SearchProgress): number {
  return (noneAtMs ?? Infinity) + confirmMs
}
