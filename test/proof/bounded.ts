import type { Failure } from '../../src/drain/ports.ts'
import { isBlind, isLost, knownSettle, leftBy } from './safe.ts'
import { type ShownGroup, shownOf } from './shown.ts'
import {
  type Case,
  type Heard,
  isDeleted,
  knownDeadline,
  podSeen,
  podsIn,
  type Trace,
} from './trace.ts'
import type { World } from './world.ts'

const freshMs = 15_000
/** The least time that a drain has for its first look. */
const patienceMs = 5_000
/** Before the deadline there is time for one more look at the pod. */
const lastLookMs = 2_000
/** How long a look may take at the bound of a restart. */
const silentMs = 10_000

/** What breaks the bounds of one hook, and the rules of the ends that need no deregistration. */
export function unbounded(world: World, one: Case): string[] {
  const { limits } = world
  const { hook, end, heard } = one
  const { kind } = end.outcome
  const deadlineMs = knownDeadline(hook, heard, limits)
  const wrong: string[] = []
  if (kind === 'deadline' && end.atMs < deadlineMs) wrong.push(`deadline before ${deadlineMs}`)
  if (kind === 'deadline' && hasSettled(world, one)) wrong.push('deadline, though it had settled')
  if (kind === 'settled' && end.outcome.cut && end.atMs < deadlineMs) {
    wrong.push(`cut short before the deadline ${deadlineMs}`)
  }
  if (kind === 'fallback') wrong.push(...noFallback(world, one, deadlineMs))
  if (kind === 'not-terminating') wrong.push(...noRestart(world, one))
  const rests = kind !== 'deadline' && kind !== 'fallback' && kind !== 'not-terminating'
  if (rests && outageOfSearch(world, heard).length > 0) wrong.push('what the search lacks may hold')
  return wrong
}

/** Every target of the pod was seen to drain, and has settled; of all groups that are the pod's. */
function hasSettled(world: World, { end, heard }: Case): boolean {
  const all = world.groups
    .map((_, index) => shownOf(index, world, heard))
    // One that is only possible, and does not show the pod, says nothing; but it has to have been looked at.
    .filter(({ claim, targets, truths }) => {
      return claim && (claim !== 'possible' || targets.length > 0 || truths.length === 0)
    })
  const isWhole = !world.search || outageOfSearch(world, heard).length === 0
  const isForced = podSeen(heard)?.deletion === 'deleted'
  const isFresh = ({ truths }: ShownGroup) =>
    (truths.at(-1)?.askedAtMs ?? -Infinity) >= end.atMs - freshMs
  return (
    isWhole &&
    !isForced &&
    all.length > 0 &&
    (isDeleted(heard) || all.every(isFresh)) &&
    all.every((shown) => {
      const { targets, facts } = shown
      const settleMs = knownSettle(shown, world)
      if (facts.targetType === 'instance') return false
      return (
        targets.length > 0 &&
        targets.every(
          ({ drainingAtMs, meaning }) =>
            meaning !== 'served' &&
            drainingAtMs !== undefined &&
            drainingAtMs + settleMs <= end.atMs,
        )
      )
    })
  )
}

function noFallback(world: World, { hook, end, heard }: Case, deadlineMs: number): string[] {
  const wrong: string[] = []
  const heldMs = Math.max(world.limits.fallbackMs, patienceMs)
  const fallbackMs = Math.min(hook.arrivedAtMs + heldMs, deadlineMs)
  if (end.atMs < fallbackMs) wrong.push(`fallback before ${fallbackMs}`)
  const lost = world.groups
    .map((_, index) => shownOf(index, world, heard))
    .filter(({ claim }) => claim)
    .filter((shown) => isBlind(shown) || isLost(shown, end.atMs))
  const outagesMs = [...lost.map(outageOf), ...outageOfSearch(world, heard)]
  if (outagesMs.length === 0) wrong.push('fallback, though of each group something was learnt')
  const lastedMs = Math.min(Math.min(...outagesMs) + heldMs, deadlineMs)
  if (end.atMs < lastedMs) wrong.push(`fallback before ${lastedMs}, when answers had stopped`)
  return wrong
}

/** Since when answers have failed that came; from the start, where none did. To be throttled is none. */
function outageOf({ looks }: ShownGroup): number {
  return sinceWhen(looks, ({ answer }) => (answer.kind === 'seen' ? undefined : answer))
}

/** None where the last search found all that there may be. */
function outageOfSearch({ search }: World, heard: readonly Heard[]): number[] {
  if (!search) return []
  const searches = heard.filter((fact) => fact.kind === 'searched')
  if (searches.length > 0 && searches.at(-1)?.answer.missing.length === 0) return []
  return [sinceWhen(searches, ({ answer }) => answer.missing[0])]
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
  const ended = answers[last] && failureOf(answers[last])?.kind
  if (ended === 'throttled' && last === answers.length - 1) return Infinity
  return last < 0 ? 0 : (answers[last + 1]?.askedAtMs ?? 0)
}

/** Each hold ends by the deadline that is known, and before an answer that does not come. */
export function heldTooLong({ limits }: World, { held, heard }: Trace): string[] {
  return held.flatMap(({ hook, atMs, untilMs, heard: count }) => {
    const deadlineMs = knownDeadline(hook, heard.slice(0, count), limits)
    if (atMs >= deadlineMs) return [`held at ${atMs}, the deadline was ${deadlineMs}`]
    if (untilMs > deadlineMs) return [`sleeps past the deadline ${deadlineMs}`]
    if (untilMs <= atMs) return [`no rest at ${atMs}`]
    return []
  })
}

/** A restart: the pod was said to stay, lately and after the bound, and no target serves that was let go. */
function noRestart(world: World, { hook, end, heard }: Case): string[] {
  const wrong: string[] = []
  const { groups, limits } = world
  const last = podsIn(heard).at(-1)
  if (last?.answer.kind !== 'pod' || last.answer.deletion !== 'staying') wrong.push('not staying')
  const asked = last?.askedAtMs ?? -Infinity
  const deadlineMs = knownDeadline(hook, heard, limits)
  const boundMs = Math.max(
    Math.min(hook.arrivedAtMs + limits.restartMs, deadlineMs - lastLookMs),
    hook.arrivedAtMs,
  )
  if (asked < boundMs) wrong.push('asked before the bound of a restart')
  if (asked < hook.arrivedAtMs) wrong.push('asked before the hook')
  if (asked < end.atMs - freshMs) wrong.push('asked too long ago')
  for (const [index] of groups.entries()) {
    const shown = shownOf(index, world, heard)
    if (!shown.claim || shown.facts.targetType === 'instance') continue
    const lookedMs = shown.last?.askedAtMs ?? -Infinity
    const isSilent = end.atMs >= Math.min(boundMs + silentMs, deadlineMs)
    if (lookedMs < boundMs && !isSilent) wrong.push(`group ${index} was not looked at again`)
    for (const target of shown.targets) {
      const { port, meaning } = target
      const early = leftBy(target, shown) + knownSettle(shown, world) > end.atMs
      if (meaning !== 'served' && early) wrong.push(`group ${index}: port ${port} had not settled`)
    }
  }
  return wrong.map((why) => `not-terminating: ${why}`)
}
