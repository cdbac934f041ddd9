import { type Ask, questions } from './asks.ts'
import { isOfNodes, settleOfGroup } from './clear.ts'
import { endOf } from './end.ts'
import { learn } from './learn.ts'
import { deadlineOf, type Limits, restartBoundOf } from './limits.ts'
import { type Look, lookAt, nextLook } from './pace.ts'
import type { Failure } from './ports.ts'
import type { Fact, Progress } from './progress.ts'
import { type SearchStanding, searchStanding } from './search.ts'
import { type Standing, standingOf, wasDeregistered } from './standing.ts'

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

/** A process that was frozen wakes with old answers: decide only by looks begun within this time. */
const freshMs = 15_000
/** How long a drain, or a process that was frozen, has for a look before it believes that nothing can be learnt. */
const patienceMs = 5_000

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
  const fallbackMs = fallbackOf(progress, limits)
  // Throttling is no outage: the API is there, and others need it more.
  const patienceWith = (failure: Failure | undefined) =>
    failure?.kind === 'throttled' ? deadlineMs : fallbackMs
  const search = searchStanding(progress, now, patienceWith(progress.search?.missing[0]))
  const standings = progress.groups.map((group) =>
    standingOf(group, progress, now, patienceWith(group.failure?.last), limits),
  )
  const holding = standings.filter(({ kind }) => kind === 'holds')
  const isHeld = search.kind === 'holds' || holding.length > 0
  const stale = standings.filter((standing) => staleAt(standing) <= now)
  if (!isHeld && (stale.length === 0 || now >= deadlineMs)) {
    return { kind: 'release', outcome: outcomeOf([search, ...standings]) }
  }
  if (now >= deadlineMs) {
    return { kind: 'release', outcome: deadlineOutcome(progress, holding, limits) }
  }
  if (isRestart(progress, now, limits)) {
    return { kind: 'release', outcome: { kind: 'not-terminating' } }
  }
  const untilMs = Math.min(...[fallbackMs, deadlineMs].filter((atMs) => atMs > now))
  const looks = isHeld
    ? whileHeld(progress, standings, deadlineMs, limits)
    : { turnsMs: standings.map(staleAt), looks: stale.map(({ group }) => lookAt(now, group)) }
  return {
    kind: 'hold',
    untilMs: Math.min(untilMs, ...looks.turnsMs.filter((atMs) => atMs > now)),
    asks: [
      ...looks.looks.map((look) => ({ kind: 'look' as const, ...look })),
      ...questions(progress, limits),
    ],
  }
}

/**
 * The looks at the groups that hold, and when one of them may not hold any more. A group that is clear
 * is looked at again only when all the others are: then what it showed has to be fresh.
 */
function whileHeld(
  { startedAtMs }: Progress,
  standings: readonly Standing[],
  deadlineMs: number,
  limits: Limits,
): { turnsMs: number[]; looks: Look[] } {
  const watched = standings.filter(({ kind, group }) => kind !== 'clear' && !isOfNodes(group))
  return {
    turnsMs: standings.map(({ clear }) => clear?.atMs ?? Infinity),
    looks: watched.map(({ group, clear }) =>
      nextLook(group, clear, { startedAtMs, deadlineMs }, limits),
    ),
  }
}

/**
 * Until when to hold for a group of which nothing is learnt. Time that the process did not see is none;
 * and a pod that was deleted by force has none at all, whatever could be learnt.
 */
function fallbackOf(progress: Progress, limits: Limits): number {
  const { joinedAtMs, thawedAtMs = -Infinity, pod } = progress
  if (pod?.seen?.deletion === 'deleted') return Infinity
  const heldMs = Math.max(limits.fallbackMs, patienceMs)
  const fallbackMs = Math.max(joinedAtMs + heldMs, thawedAtMs + patienceMs)
  return Math.min(fallbackMs, deadlineOf(progress, limits))
}

/** From when on what a clear group showed is too old to decide by. */
function staleAt({ kind, group, clear }: Standing): number {
  if (kind !== 'clear' || clear?.confirmed === 'by-time') return Infinity
  return (group.attempt?.askedAtMs ?? -Infinity) + freshMs
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
  { joinedAtMs }: Progress,
  holding: readonly Standing[],
  limits: Limits,
): Outcome {
  const ends = holding.flatMap(({ group, clear }) => {
    if (clear) return [clear.atMs]
    return group.targets.map((target) => {
      const latestMs = target.phase.kind === 'draining' ? endOf(target, group)?.latestMs : undefined
      const settledMs = (target.drainingAtMs ?? Infinity) + settleOfGroup(group, limits)
      return Math.max(latestMs ?? Infinity, settledMs)
    })
  })
  const neededMs = Math.max(0, ...ends) - joinedAtMs
  return Number.isFinite(neededMs) && neededMs > 0
    ? { kind: 'deadline', neededMs }
    : { kind: 'deadline' }
}
