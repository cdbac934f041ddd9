import type { Failure } from '../../src/drain/ports.ts'
import { isBlind, isLost } from './safe.ts'
import { type ShownGroup, shownOf } from './shown.ts'
import { type Heard, joinedAt, knownDeadline, podsIn, type Trace } from './trace.ts'
import type { World } from './world.ts'

const freshMs = 15_000
/** The least time that a drain has for its first look. */
const patienceMs = 5_000
/** Before the deadline there is time for one more look at the pod. */
const lastLookMs = 2_000

/** What breaks the bounds of a drain, and the rules of the ends that need no deregistration. */
export function unbounded(world: World, trace: Trace): string[] {
  const { limits } = world
  const { end, heard } = trace
  const { kind } = end.outcome
  const deadlineMs = knownDeadline(heard, limits)
  const wrong = heldTooLong(world, trace)
  if (kind === 'deadline' && end.atMs < deadlineMs) wrong.push(`deadline before ${deadlineMs}`)
  if (kind === 'fallback') {
    const heldMs = Math.max(limits.fallbackMs, patienceMs)
    const fallbackMs = Math.min(joinedAt(heard) + heldMs, deadlineMs)
    if (end.atMs < fallbackMs) wrong.push(`fallback before ${fallbackMs}`)
    const lost = world.groups
      .map((_, index) => shownOf(index, heard))
      .filter((shown) => isBlind(shown) || isLost(shown, end.atMs))
    const outagesMs = [...lost.map(outageOf), ...outageOfSearch(heard)]
    if (outagesMs.length === 0) wrong.push('fallback, though of each group something was learnt')
    const lastedMs = Math.min(Math.min(...outagesMs) + heldMs, deadlineMs)
    if (end.atMs < lastedMs) wrong.push(`fallback before ${lastedMs}, when answers had stopped`)
  }
  if (kind === 'not-terminating') wrong.push(...noRestart(world, trace))
  return wrong
}

/** Since when answers have failed that came; from the start, where none did. To be throttled is none. */
function outageOf({ looks }: ShownGroup): number {
  return sinceWhen(looks, ({ answer }) => (answer.kind === 'seen' ? undefined : answer))
}

/** None where the last search found all that there may be. */
function outageOfSearch(heard: readonly Heard[]): number[] {
  const searches = heard.filter((fact) => fact.kind === 'searched')
  if (searches.length > 0 && searches.at(-1)?.answer.missing.length === 0) return []
  return searches.length > 0 ? [sinceWhen(searches, ({ answer }) => answer.missing[0])] : []
}

function sinceWhen<H extends Heard>(
  answers: readonly H[],
  failureOf: (one: H) => Failure | undefined,
) {
  const isOutage = (one: H) => {
    const kind = failureOf(one)?.kind
    return kind !== undefined && kind !== 'gone' && kind !== 'throttled'
  }
  const last = answers.findLastIndex((one) => !isOutage(one))
  // Throttled to the end: until the deadline.
  if (answers.length > 0 && last === answers.length - 1) return Infinity
  return answers[last + 1]?.askedAtMs ?? 0
}

/** Each hold ends by the deadline that is known, and before an answer that does not come. */
function heldTooLong({ limits }: World, { held, heard }: Trace): string[] {
  let known = 0
  let deadlineMs = knownDeadline([], limits)
  return held.flatMap(({ atMs, untilMs, heard: count }) => {
    for (; known < count; known++) {
      const fact = heard[known]
      if (fact?.kind === 'joined' || fact?.kind === 'pod') {
        deadlineMs = knownDeadline(heard.slice(0, known + 1), limits)
      }
    }
    if (atMs >= deadlineMs) return [`held at ${atMs}, the deadline was ${deadlineMs}`]
    if (untilMs > deadlineMs) return [`sleeps past the deadline ${deadlineMs}`]
    if (untilMs <= atMs) return [`no rest at ${atMs}`]
    return []
  })
}

/** A restart: the pod was said to stay, lately and after the bound, and no target was let go. */
function noRestart({ groups, limits }: World, { end, heard }: Trace): string[] {
  const wrong: string[] = []
  const last = podsIn(heard).at(-1)
  if (last?.answer.kind !== 'pod' || last.answer.deletion !== 'staying') wrong.push('not staying')
  const asked = last?.askedAtMs ?? -Infinity
  const boundMs = Math.min(
    joinedAt(heard) + limits.restartMs,
    knownDeadline(heard, limits) - lastLookMs,
  )
  if (asked < boundMs) wrong.push('asked before the bound of a restart')
  if (asked < joinedAt(heard)) wrong.push('asked before the latest hook')
  if (asked < end.atMs - freshMs) wrong.push('asked too long ago')
  for (const [index] of groups.entries()) {
    for (const { port, meaning, drainingAtMs } of shownOf(index, heard).targets) {
      const left = drainingAtMs !== undefined || meaning === 'finished'
      if (left) wrong.push(`group ${index}: port ${port} was deregistered`)
    }
  }
  return wrong.map((why) => `not-terminating: ${why}`)
}
