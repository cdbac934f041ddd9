import { deadlineOf, type Limits } from './limits.ts'
import { endOf, type Look, lookAt, nextLook } from './pace.ts'
import type { Failure } from './ports.ts'
import { type Fact, type GroupProgress, learn, type Progress } from './progress.ts'
import { type Standing, settleOfGroup, standingOf } from './standing.ts'

/** Why a drain ended. */
export type Outcome =
  /** Every target is gone and settled. */
  | { readonly kind: 'deregistered' }
  /** The pod is in none of the groups. */
  | { readonly kind: 'unregistered' }
  /** The time was up. `neededMs`: how long the drain would have had to hold, where that is known. */
  | { readonly kind: 'deadline'; readonly neededMs?: number }
  /** Nothing could be learnt of a group. */
  | { readonly kind: 'fallback'; readonly because: Failure }

/** A question for the balancer: a look, or what kind of group it is. */
export type Ask =
  | ({ readonly kind: 'look' } & Look)
  | { readonly kind: 'describe'; readonly group: string; readonly atMs: number }

/** Hold, ask these, and decide anew at `untilMs` or at the first answer; or release. */
export type Verdict =
  | { readonly kind: 'hold'; readonly untilMs: number; readonly asks: readonly Ask[] }
  | { readonly kind: 'release'; readonly outcome: Outcome }

/** A process that was frozen wakes with old answers: decide only by looks begun within this time. */
const freshMs = 15_000
const describeAgainMs = 10_000

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
  const fallbackMs = Math.min(progress.startedAtMs + limits.fallbackMs, deadlineMs)
  const standings = progress.groups.map((group) => standingOf(group, now, fallbackMs, limits))
  const holding = standings.filter(({ kind }) => kind === 'holds')
  const stale = standings.filter((standing) => isStale(standing, now))
  if (holding.length > 0 && now >= deadlineMs) {
    return { kind: 'release', outcome: deadlineOutcome(progress, holding, limits) }
  }
  if (holding.length === 0 && (stale.length === 0 || now >= deadlineMs)) {
    return { kind: 'release', outcome: outcomeOf(standings) }
  }
  // A group that is clear is looked at again only when all the others are: then what it showed
  // has to be fresh.
  const looks =
    holding.length > 0
      ? holding.map(({ group, clearAtMs }) =>
          nextLook(group, { ...progress, clearAtMs, spread: limits.spread }),
        )
      : stale.map(({ group }) => lookAt(now, group))
  return {
    kind: 'hold',
    untilMs: now < fallbackMs ? fallbackMs : deadlineMs,
    asks: [
      ...looks.map((look): Ask => ({ kind: 'look', ...look })),
      ...progress.groups.flatMap((group) => describeAsks(progress, group)),
    ],
  }
}

function isStale({ kind, group }: Standing, now: number): boolean {
  return kind === 'clear' && (group.attempt?.askedAtMs ?? -Infinity) < now - freshMs
}

/** Asks what kind of group it is, again after a while where only the API's mood was in the way. */
function describeAsks({ startedAtMs }: Progress, { group, described }: GroupProgress): Ask[] {
  if (!described) return [{ kind: 'describe', group, atMs: startedAtMs }]
  const passing = described.missing.some(
    ({ kind }) => kind === 'throttled' || kind === 'unreachable',
  )
  const atMs = described.answeredAtMs + describeAgainMs * described.times
  return passing ? [{ kind: 'describe', group, atMs }] : []
}

function outcomeOf(standings: readonly Standing[]): Outcome {
  for (const standing of standings) {
    if (standing.kind === 'unknown') return { kind: 'fallback', because: standing.because }
  }
  const absent = standings.every(({ group }) => group.targets.length === 0)
  return { kind: absent ? 'unregistered' : 'deregistered' }
}

function deadlineOutcome(
  { startedAtMs }: Progress,
  holding: readonly Standing[],
  limits: Limits,
): Outcome {
  const ends = holding.flatMap(({ group }) =>
    group.targets.map((target) => {
      const latestMs = target.phase.kind === 'draining' ? endOf(target, group)?.latestMs : undefined
      const settledMs = (target.drainingAtMs ?? Infinity) + settleOfGroup(group, limits)
      return Math.max(latestMs ?? Infinity, settledMs)
    }),
  )
  const neededMs = Math.max(0, ...ends) - startedAtMs
  return Number.isFinite(neededMs) && neededMs > 0
    ? { kind: 'deadline', neededMs }
    : { kind: 'deadline' }
}
