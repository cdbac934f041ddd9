import { settleOf } from '../../src/drain/target.ts'
import { type ShownGroup, type ShownTarget, shownOf } from './shown.ts'
import { type Heard, joinedAt, knownDeadline, type Trace } from './trace.ts'
import { type GroupWorld, type Span, serviceOf, stateOf, type World } from './world.ts'

/** A release rests on looks that began within this time before it. */
const freshMs = 15_000
const confirmMs = 5_000
const overdueMs = 10_000
/** Two counts further apart show nothing of the time between. */
const blinkMs = 3_000

/**
 * What makes a release wrong: the load balancer may still send new requests, or what was last heard
 * holds. The outcomes `deadline` and `not-terminating` release all the same: they have rules of
 * their own, and `fallback` those of the groups that are not blind.
 */
export function unsafe(world: World, { end, heard }: Trace): string[] {
  const { kind } = end.outcome
  if (kind === 'deadline' || kind === 'not-terminating') return []
  return world.groups.flatMap((group, index) => {
    const shown = shownOf(index, heard)
    if (kind === 'fallback' && (isBlind(shown) || isLost(shown, end.atMs))) return []
    const settleMs = knownSettle(shown, world)
    if (shown.facts.targetType === 'instance') {
      const early = end.atMs < joinedAt(heard) + settleMs
      return early ? [`group ${index} of nodes: released before it settled`] : []
    }
    return [
      ...heldByWord(world, shown, heard, end.atMs),
      ...unsettled(group, shown, settleMs, end.atMs),
      ...stillSending(world, group, shown, end.atMs),
    ].map((wrong) => `group ${index}: ${wrong}`)
  })
}

/** Nothing but failures, or no target of the pod and then a failure. */
export function isBlind({ truths, targets, last }: ShownGroup): boolean {
  return truths.length === 0 || (targets.length === 0 && last !== truths.at(-1))
}

/** What it showed is old, and looks have failed since. */
export function isLost(shown: ShownGroup, atMs: number): boolean {
  const { truths, last } = shown
  return last !== truths.at(-1) && (proofOf(shown)?.askedAtMs ?? -Infinity) <= atMs - freshMs
}

/** Where the pod was seen to go, a look that fails changes nothing. */
function proofOf({ truths, targets, last }: ShownGroup) {
  const seenToGo = targets.every(({ drainingAtMs }) => drainingAtMs !== undefined)
  return seenToGo && targets.length > 0 ? last : truths.at(-1)
}

/** Of a kind that is not known: an ALB's where it may not be asked for, else the longest. */
export function knownSettle({ facts, missing }: ShownGroup, { limits }: World): number {
  const forbidden = missing.length > 0 && missing.every(({ kind }) => kind === 'denied')
  return limits.settleMs ?? settleOf(facts.loadBalancer ?? (forbidden ? 'application' : 'network'))
}

/** What the answers themselves say against a release. */
function heldByWord(world: World, shown: ShownGroup, heard: readonly Heard[], atMs: number) {
  const { truths, targets } = shown
  const truth = truths.at(-1)
  const proof = proofOf(shown)
  if (!truth || !proof) return ['nothing was learnt']
  const wrong: string[] = []
  const isDue = atMs >= knownDeadline(heard, world.limits)
  if (proof.askedAtMs < atMs - freshMs && !isDue && !shown.crowded) wrong.push('stale')
  if (targets.length === 0) {
    const spreadMs = truth.askedAtMs - (truths[0]?.askedAtMs ?? truth.askedAtMs)
    if (spreadMs < confirmMs) wrong.push('one absence proves nothing')
  }
  for (const target of targets) {
    if (target.meaning === 'served') wrong.push(`port ${target.port} was served when last seen`)
    if (target.meaning !== 'draining') continue
    const early =
      world.limits.releaseWhen === 'settled' ||
      (world.limits.releaseWhen === 'idle' && wasIdle(target.port, heard, world, atMs))
    if (!early && !isTimeProof(target, shown, atMs)) wrong.push(`port ${target.port} was draining`)
  }
  return wrong
}

/** The API fails, or so many drain that it may not be asked, and the latest possible end is well past. */
function isTimeProof({ drainingAtMs }: ShownTarget, shown: ShownGroup, atMs: number): boolean {
  const { deregistrationDelayMs } = shown.facts
  if (drainingAtMs === undefined || deregistrationDelayMs === undefined) return false
  const silent = shown.last !== shown.truths.at(-1) || shown.crowded
  return silent && atMs >= drainingAtMs + deregistrationDelayMs + overdueMs
}

/** Every count of the last `idleMs` found no connection, and none is missing. */
function wasIdle(port: number, heard: readonly Heard[], { limits }: World, atMs: number): boolean {
  let laterMs = atMs
  for (const count of heard.filter((fact) => fact.kind === 'counted').reverse()) {
    const none = count.answer.kind === 'counted' && count.answer.established.get(port) === 0
    if (!none || laterMs - count.askedAtMs > blinkMs) return false
    // Summed as the policy sums it: a difference may be a rounding off.
    if (count.answeredAtMs + limits.idleMs <= atMs) return true
    laterMs = count.askedAtMs
  }
  return false
}

/**
 * The settle time runs from when the target truly left service. A look that did not find it hides
 * when that was, but not for long that it is still there.
 */
function unsettled(group: GroupWorld, shown: ShownGroup, fullMs: number, atMs: number): string[] {
  const settleMs = group.lapse === undefined ? fullMs : 0
  return knowable(group, shown).flatMap(({ toMs }) =>
    atMs < toMs + settleMs
      ? [`left service at ${toMs}, released ${atMs}, settles ${settleMs}`]
      : [],
  )
}

/** Where nothing failed, the load balancer itself is asked. */
function stillSending(world: World, group: GroupWorld, shown: ShownGroup, atMs: number): string[] {
  if (world.freezes.length + group.faults.length + group.undescribed.length > 0) return []
  if (group.lapse !== undefined) return []
  return knowable(group, shown).flatMap(({ toMs }) =>
    atMs < toMs + group.propagationMs ? [`sends requests until ${toMs + group.propagationMs}`] : [],
  )
}

/**
 * When the pod's targets were in service, as far as the pod could have seen it: not what came and
 * went between two looks that were answered, nor what came after the last; but when it had finished
 * at the one and was draining at the other, that is known. Once a target of the pod was seen, the
 * looks name the ones that were: another one that is registered later is not looked for.
 *
 * A pod whose first truthful answer is that there is no such group was told that nothing sends. A
 * group of nodes is not to be told from one that the pod is not in, as long as it is not described.
 * Nor can a pod be missed that the first look did not find.
 */
function knowable(group: GroupWorld, { truths }: ShownGroup): Span[] {
  const first = truths[0]?.answer
  if (first?.kind === 'gone' || group.targetType === 'instance') return []
  if (first?.kind === 'seen' && first.sightings.length === 0 && group.lapse !== undefined) return []
  return group.targets.flatMap((target) => {
    const looks = truths
      .filter(({ view }) => view.kind === 'listing' || names(view.targets, target.port))
      .map(({ instantMs }) => ({ instantMs, state: stateOf(target, group, instantMs)?.state }))
    const firstMs = looks[0]?.instantMs ?? Infinity
    return serviceOf(target, group).filter(({ fromMs, toMs }) => {
      const next = looks.findIndex(({ instantMs }) => fromMs <= instantMs)
      const [before, seen] = [looks[next - 1], looks[next]]
      if (fromMs <= firstMs || (seen && seen.instantMs < toMs)) return true
      return before && !before.state && seen?.state?.endsWith('draining')
    })
  })
}

const names = (targets: readonly { port: number }[], wanted: number) =>
  targets.some(({ port }) => port === wanted)
