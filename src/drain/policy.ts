import { isDeleted, isOfNodes } from './judgement/clear.ts'
import {
  deadlineOf,
  fallbackOf,
  type Hook,
  type Limits,
  settleOfGroup,
} from './judgement/limits.ts'
import type { Outcome } from './judgement/outcome.ts'
import { isStaying, restartEndOf } from './judgement/restart.ts'
import { type SearchStanding, searchStanding } from './judgement/search.ts'
import { freshMs, type Standing, standingOf } from './judgement/standing.ts'
import { learn } from './knowledge/learn.ts'
import type { Fact, GroupProgress, Progress } from './knowledge/progress.ts'
import { type Ask, nameOf } from './questions/ask.ts'
import { questions } from './questions/asks.ts'
import { nextLook } from './questions/pace.ts'
import type { Look } from './questions/rhythm.ts'
import { whileStaying } from './questions/staying.ts'

/** Hold, ask these, and decide anew at `untilMs` or at the first answer; or release. */
export type Verdict =
  | { readonly kind: 'hold'; readonly untilMs: number; readonly asks: readonly Ask[] }
  | { readonly kind: 'release'; readonly outcome: Outcome }

/** Adds what was learnt. */
export function learnAll(progress: Progress, facts: readonly Fact[]): Progress {
  return facts.reduce(learn, progress)
}

/**
 * Decides about one hook. Pure: the same progress, hooks and time give the same verdict. Of two hooks the
 * one that came first is released no later than the other.
 *
 * @param now Monotonic milliseconds.
 * @param last The one that came last of those that are held: what it needs is asked for as well.
 */
export function judge(
  progress: Progress,
  hook: Hook,
  now: number,
  limits: Limits,
  last: Hook = hook,
): Verdict {
  const deadlineMs = deadlineOf(hook, progress, limits)
  const searchUntilMs = fallbackOf(
    hook,
    progress,
    { failure: progress.search?.failure, askedFromMs: progress.startedAtMs },
    limits,
  )
  const search = searchStanding(progress, now, searchUntilMs)
  const standings = progress.groups.map((group) => standingOf(group, progress, hook, now, limits))
  const isHeld = search.kind === 'holds' || standings.some(({ kind }) => kind === 'holds')
  const stale = standings.filter((standing) => freshUntil(standing) <= now)
  if (!isHeld && (stale.length === 0 || now >= deadlineMs)) {
    return { kind: 'release', outcome: outcomeOf([search, ...standings]) }
  }
  const restartEndMs = restartEndOf(progress, hook, now, limits) ?? Infinity
  if (now >= restartEndMs) return { kind: 'release', outcome: { kind: 'not-terminating' } }
  if (now >= deadlineMs) {
    const isSettled = search.kind === 'clear' && haveSettled(standings, progress, now, limits)
    const outcome: Outcome = isSettled
      ? { kind: 'settled', cut: 'by-deadline' }
      : { kind: 'deadline' }
    return { kind: 'release', outcome }
  }
  const turnsMs = [
    ...[deadlineMs, searchUntilMs, restartEndMs],
    ...standings.flatMap((one) => [one.fallbackAtMs, one.clear?.atMs ?? Infinity, freshUntil(one)]),
  ]
  return {
    kind: 'hold',
    untilMs: Math.min(...turnsMs.filter((atMs) => atMs > now)),
    asks: earliest(
      [hook, last].flatMap((one) => [
        ...(isHeld
          ? whileHeld(progress, standings, one, limits)
          : anew(progress, stale, one, now, limits)
        ).map((look) => ({ kind: 'look' as const, ...look })),
        ...questions(progress, one, limits),
      ]),
    ),
  }
}

/** Of those of one name, the first; of those that are never put, none. */
function earliest(asks: readonly Ask[]): Ask[] {
  const byName = new Map<string, Ask>()
  for (const ask of asks) {
    if (ask.atMs < (byName.get(nameOf(ask))?.atMs ?? Infinity)) byName.set(nameOf(ask), ask)
  }
  return [...byName.values()]
}

/**
 * The looks at the groups that hold. A group that is clear is looked at again only when all the others
 * are: then what it showed has to be fresh.
 */
function whileHeld(
  progress: Progress,
  standings: readonly Standing[],
  hook: Hook,
  limits: Limits,
): Look[] {
  return standings
    .filter(({ kind, group }) => kind !== 'clear' && !isOfNodes(group))
    .map((standing) => lookAt(standing, progress, hook, limits))
}

function lookAt({ group, clear }: Standing, progress: Progress, hook: Hook, limits: Limits): Look {
  const look = nextLook(group, clear, progress, hook, limits)
  return isStaying(progress) ? whileStaying(look, group, progress, hook, limits) : look
}

/** Looks at groups that were clear some time ago: at once, but for those that have failed since. */
function anew(
  progress: Progress,
  stale: readonly Standing[],
  hook: Hook,
  now: number,
  limits: Limits,
): Look[] {
  return stale.map((standing) =>
    standing.group.failure
      ? lookAt(standing, progress, hook, limits)
      : { group: standing.group.group, atMs: now, pace: 'first' },
  )
}

function freshUntil(standing: Standing): number {
  return standing.kind === 'clear' ? standing.freshUntilMs : Infinity
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

/** Whether a pod whose time is up gets no new requests, in whichever of its groups. */
function haveSettled(
  standings: readonly Standing[],
  progress: Progress,
  now: number,
  limits: Limits,
): boolean {
  // Of a pod that was deleted by force nobody waits for the hooks.
  if (progress.pod?.seen?.deletion === 'deleted') return false
  const its = standings.filter(({ group }) => !isGuess(group))
  const isOut = (one: Standing) =>
    (one.kind === 'clear' && freshUntil(one) > now) || hasSettled(one.group, progress, now, limits)
  return its.length > 0 && its.every(isOut)
}

/** One that is only possible, and does not show the pod, says nothing of the others. */
function isGuess({ claim, targets, truth }: GroupProgress): boolean {
  return claim === 'possible' && targets.length === 0 && truth !== undefined
}

/**
 * No new requests come, though what was waited for is not over: every target was seen to leave in time, and
 * can have come back only where nobody deletes the pod.
 */
function hasSettled(
  { facts, targets, truth }: GroupProgress,
  progress: Progress,
  now: number,
  limits: Limits,
): boolean {
  if (!isDeleted(progress) && now - (truth?.askedAtMs ?? -Infinity) > freshMs) return false
  const byMs = now - settleOfGroup({ facts }, limits)
  const left = targets.filter(
    ({ phase, drainingAtMs = Infinity }) => phase.kind !== 'registered' && drainingAtMs <= byMs,
  )
  return left.length > 0 && left.length === targets.length
}
