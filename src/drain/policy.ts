import { type Ask, questions } from './asks.ts'
import { isOfNodes, settleOfGroup } from './clear.ts'
import { endOf } from './end.ts'
import { learn } from './learn.ts'
import { deadlineOf, fallbackOf, type Limits, restartBoundOf } from './limits.ts'
import { type Look, lookAt, nextLook } from './pace.ts'
import type { Failure } from './ports.ts'
import type { Fact, Progress } from './progress.ts'
import { type SearchStanding, searchStanding } from './search.ts'
import { freshMs, type Standing, standingOf, wasDeregistered } from './standing.ts'

/** Why a drain ended. */
export type Outcome =
  /** Every target is gone and settled. */
  | { readonly kind: 'deregistered' }
  /** Every target is draining and settled, and its port has no connections; or gone. */
  | { readonly kind: 'idle' }
  /** Every target is draining and settled; or gone. Of a group of nodes: the settle time is over. */
  | { readonly kind: 'settled' }
  /** The pod is in none of the groups. */
  | { readonly kind: 'unregistered' }
  /** Nobody is deleting the pod: a container restarts. A later hook is another drain. */
  | { readonly kind: 'not-terminating' }
  /** The time was up. `neededMs`: how long the drain would have had to hold, where that is known. */
  | { readonly kind: 'deadline'; readonly neededMs?: number }
  /** Nothing could be learnt of a group, or of whether there are more of them. */
  | { readonly kind: 'fallback'; readonly because: Failure }

/** Hold, ask these, and decide anew at `untilMs` or at the first answer; or release. */
export type Verdict =
  | { readonly kind: 'hold'; readonly untilMs: number; readonly asks: readonly Ask[] }
  | { readonly kind: 'release'; readonly outcome: Outcome }

/**
 * Adds what was learnt and decides. Pure: the same progress, facts and time give the same verdict.
 *
 * @param now Monotonic milliseconds.
 */
export function step(
  progress: Progress,
  facts: readonly Fact[],
  now: number,
  limits: Limits,
): [Progress, Verdict] {
  const next = facts.reduce(learn, progress)
  return [next, judge(next, now, limits)]
}

function judge(progress: Progress, now: number, limits: Limits): Verdict {
  const deadlineMs = deadlineOf(progress, limits)
  const searchUntilMs = fallbackOf(progress, progress.search, limits)
  const search = searchStanding(progress, now, searchUntilMs)
  const untilsMs = progress.groups.map((group) => fallbackOf(progress, group, limits))
  const standings = progress.groups.map((group, index) =>
    standingOf(group, progress, now, untilsMs[index] ?? deadlineMs, limits),
  )
  const isHeld = search.kind === 'holds' || standings.some(({ kind }) => kind === 'holds')
  const stale = standings.filter((standing) => freshUntil(standing) <= now)
  if (!isHeld && (stale.length === 0 || now >= deadlineMs)) {
    return { kind: 'release', outcome: outcomeOf([search, ...standings]) }
  }
  if (isRestart(progress, now, limits)) {
    return { kind: 'release', outcome: { kind: 'not-terminating' } }
  }
  if (now >= deadlineMs) {
    return { kind: 'release', outcome: deadlineOutcome(progress, standings, limits) }
  }
  const looks = isHeld
    ? whileHeld(progress, standings, deadlineMs, limits)
    : anew(progress, stale, now, deadlineMs, limits)
  const clearAtMs = standings.map(({ clear }) => clear?.atMs ?? Infinity)
  const turnsMs = [
    deadlineMs,
    searchUntilMs,
    ...untilsMs,
    ...clearAtMs,
    ...standings.map(freshUntil),
  ]
  return {
    kind: 'hold',
    untilMs: Math.min(...turnsMs.filter((atMs) => atMs > now)),
    asks: [
      ...looks.map((look) => ({ kind: 'look' as const, ...look })),
      ...questions(progress, limits),
    ],
  }
}

/**
 * The looks at the groups that hold. A group that is clear is looked at again only when all the others
 * are: then what it showed has to be fresh.
 */
function whileHeld(
  { startedAtMs }: Progress,
  standings: readonly Standing[],
  deadlineMs: number,
  limits: Limits,
): Look[] {
  return standings
    .filter(({ kind, group }) => kind !== 'clear' && !isOfNodes(group))
    .map(({ group, clear }) => nextLook(group, clear, { startedAtMs, deadlineMs }, limits))
}

/** Looks at groups that were clear some time ago: at once, but for those that have failed since. */
function anew(
  { startedAtMs }: Progress,
  stale: readonly Standing[],
  now: number,
  deadlineMs: number,
  limits: Limits,
): Look[] {
  return stale.map(({ group, clear }) =>
    group.failure
      ? nextLook(group, clear, { startedAtMs, deadlineMs }, limits)
      : lookAt(now, group),
  )
}

function freshUntil(standing: Standing): number {
  return standing.kind === 'clear' ? standing.freshUntilMs : Infinity
}

/**
 * A hook is called for a container's restart as well (a failed liveness probe), and then the pod
 * stays: no deletion, nothing deregistered. To hold it would only hold up the restart.
 */
function isRestart(progress: Progress, now: number, limits: Limits): boolean {
  const { pod, groups } = progress
  const asked = pod && !pod.failure ? pod.askedAtMs : -Infinity
  return (
    pod?.seen?.deletion === 'staying' &&
    asked >= restartBoundOf(progress, limits) &&
    asked >= now - freshMs &&
    groups.every(({ targets }) => !targets.some(wasDeregistered))
  )
}

function outcomeOf(standings: readonly (Standing | SearchStanding)[]): Outcome {
  for (const standing of standings) {
    if (standing.kind === 'unknown') return { kind: 'fallback', because: standing.because }
  }
  const rights = new Set(standings.map((standing) => 'clear' in standing && standing.clear?.by))
  for (const kind of ['idle', 'settled', 'deregistered'] as const) {
    if (rights.has(kind)) return { kind }
  }
  return { kind: 'unregistered' }
}

function deadlineOutcome(
  progress: Progress,
  standings: readonly Standing[],
  limits: Limits,
): Outcome {
  const ends = standings.flatMap(({ group, clear }) => {
    if (clear) return [clear.atMs]
    return group.targets.map((target) => {
      const { latestMs } = endOf(target, group) ?? {}
      const settledMs = (target.drainingAtMs ?? Infinity) + settleOfGroup(group, limits)
      return Math.max(latestMs ?? Infinity, settledMs)
    })
  })
  const endMs = Math.max(...ends)
  // What should be over by now waits for something else than time.
  const isKnown = endMs < Infinity && endMs > deadlineOf(progress, limits)
  return { kind: 'deadline', ...(isKnown ? { neededMs: endMs - progress.joinedAtMs } : {}) }
}
