import { settleOf } from '../../src/drain/target.ts'
import { type ShownGroup, type ShownTarget, shownOf } from './shown.ts'
import { type Case, type Heard, isDeleted, knownDeadline } from './trace.ts'
import { type GroupWorld, type Span, serviceOf, stateOf, type World } from './world.ts'

/** A release rests on looks that began within this time before it. */
const freshMs = 15_000
const confirmMs = 5_000
/** `draining` may show for so long after its time. */
const overdueMs = 3_000
/** Two counts further apart show nothing of the time between. */
const blinkMs = 3_000

/**
 * What makes a release wrong: the load balancer may still send new requests, or what was last heard
 * holds. The outcomes `deadline` and `not-terminating` release all the same: they have rules of
 * their own, and `fallback` those of the groups that are not blind.
 */
export function unsafe(world: World, one: Case): string[] {
  const { hook, end, heard } = one
  const { kind } = end.outcome
  if (kind === 'deadline' || kind === 'not-terminating') return []
  return world.groups.flatMap((group, index) => {
    const shown = shownOf(index, world, heard)
    if (shown.claim === undefined) return []
    if (kind === 'fallback' && (isBlind(shown) || isLost(shown, end.atMs))) return []
    const settleMs = knownSettle(shown, world)
    if (shown.facts.targetType === 'instance') {
      const early = end.atMs < hook.arrivedAtMs + settleMs
      return early ? [`group ${index} of nodes: released before it settled`] : []
    }
    return [
      ...heldByWord(world, shown, settleMs, one),
      ...unsettled(group, shown, settleMs, end.atMs),
      ...stillSending(world, group, shown, end.atMs),
    ].map((wrong) => `group ${index}: ${wrong}`)
  })
}

/**
 * Nothing but failures; a name that names nothing; no target of the pod and then a failure; or it drained, and
 * looks have failed since.
 */
export function isBlind({ claim, truths, targets, last }: ShownGroup): boolean {
  const isWrongName =
    claim === 'named' && targets.length === 0 && truths.at(-1)?.answer.kind === 'gone'
  const left = targets.every(
    ({ drainingAtMs, meaning }) => drainingAtMs !== undefined || meaning === 'finished',
  )
  const isUnseen = truths.length === 0 && targets.length === 0
  return isUnseen || isWrongName || (left && last !== truths.at(-1))
}

/** What it showed is old, and looks have failed since. */
export function isLost({ truths, last }: ShownGroup, atMs: number): boolean {
  return last !== truths.at(-1) && (truths.at(-1)?.askedAtMs ?? -Infinity) <= atMs - freshMs
}

/** Of a kind that is not known: the longest. */
export function knownSettle({ facts }: ShownGroup, { limits }: World): number {
  return limits.settleMs ?? settleOf(facts.loadBalancer)
}

/** What the answers themselves say against a release. */
function heldByWord(world: World, shown: ShownGroup, settleMs: number, one: Case): string[] {
  const { end, heard, hook } = one
  const { atMs, outcome } = end
  const { claim, truths, targets } = shown
  const truth = truths.at(-1)
  if (!truth) return ['nothing was learnt']
  const wrong: string[] = []
  const isDue = atMs >= knownDeadline(hook, heard, world.limits)
  const byTime = (target: ShownTarget) => target.drainingAtMs !== undefined && isDeleted(heard)
  const isProven = targets.length > 0 ? targets.every(byTime) : claim === 'possible'
  if (truth.askedAtMs < atMs - freshMs && !isDue && !isProven) wrong.push('stale')
  if (targets.length === 0) {
    if (claim === 'named' && truth.answer.kind === 'gone') wrong.push('a name that names nothing')
    const spreadMs = truth.askedAtMs - (truths[0]?.askedAtMs ?? truth.askedAtMs)
    if (spreadMs < confirmMs && !isProven) wrong.push('one absence proves nothing')
  }
  for (const target of targets) {
    const name = `port ${target.port}`
    const { drainingAtMs = Infinity, meaning } = target
    if (meaning === 'served') wrong.push(`${name} was served when last seen`)
    if (meaning === 'finished' && !byTime(target) && drainingAtMs < Infinity && !isDue) {
      if (truth.askedAtMs < leftBy(target, shown) + settleMs)
        wrong.push(`${name} was not looked at again`)
    }
    if (meaning !== 'draining') continue
    const cut = outcome.kind === 'settled' && outcome.cut === 'by-deadline'
    const isKnown = isDeleted(heard) || truth.askedAtMs >= atMs - freshMs
    if (cut && isKnown && atMs >= drainingAtMs + settleMs) continue
    const early =
      world.limits.releaseWhen === 'settled' ||
      (world.limits.releaseWhen === 'idle' && wasIdle(target.port, heard, world, atMs))
    if (early && !byTime(target) && truth.askedAtMs < drainingAtMs + settleMs) {
      wrong.push(`${name} was not looked at again`)
    }
    if (!early && !(byTime(target) && isTimeProof(target, shown, atMs))) {
      wrong.push(`${name} was draining`)
    }
  }
  return wrong
}

/** When a target that is gone had left at the latest: it has drained for the whole delay. */
export function leftBy(
  { port, drainingAtMs = -Infinity }: ShownTarget,
  { facts, truths }: ShownGroup,
): number {
  return Math.min(drainingAtMs, finishedAt(port, truths) - (facts.deregistrationDelayMs ?? 0))
}

/** When the first of the last answers came that do not have it any more. */
function finishedAt(port: number, truths: ShownGroup['truths']): number {
  const has = ({ answer }: ShownGroup['truths'][number]) =>
    answer.kind === 'seen' && answer.sightings.some(({ target }) => target.port === port)
  const first = truths[truths.findLastIndex(has) + 1]
  // A group that was deleted lists nobody, drained or not.
  return first?.answer.kind === 'seen' ? first.answeredAtMs : Infinity
}

/** The latest possible end is well past. */
function isTimeProof({ drainingAtMs }: ShownTarget, { facts }: ShownGroup, atMs: number): boolean {
  const { deregistrationDelayMs } = facts
  if (drainingAtMs === undefined || deregistrationDelayMs === undefined) return false
  return atMs >= drainingAtMs + deregistrationDelayMs + overdueMs
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
 * at the one and was draining at the other, that is known.
 *
 * A pod that never was seen in a group which does not exist was told that nothing sends. A
 * group of nodes is not to be told from one that the pod is not in, as long as it is not described.
 * Nor can a pod be missed that the first look did not find. Where nothing says that it was in the group, and it
 * is in none of its listings, it is not thought to have left before its deletion, nor within a delay that is
 * not known.
 */
function knowable(group: GroupWorld, { claim, facts, targets, truths }: ShownGroup): Span[] {
  const first = truths[0]?.answer
  if (targets.length === 0 && truths.at(-1)?.answer.kind === 'gone') return []
  if (first?.kind === 'gone' || group.targetType === 'instance') return []
  if (first?.kind === 'seen' && first.sightings.length === 0 && group.lapse !== undefined) return []
  const isGuess = claim === 'possible' && targets.length === 0
  if (isGuess && facts.deregistrationDelayMs === undefined) return []
  return group.targets.flatMap((target) => {
    const looks = truths.map(({ instantMs, answer }) => ({
      instantMs,
      state: answer.kind === 'gone' ? undefined : stateOf(target, group, instantMs)?.state,
    }))
    const firstMs = looks[0]?.instantMs ?? Infinity
    return serviceOf(target, group).filter(({ fromMs, toMs }) => {
      if (isGuess && toMs < 0) return false
      const next = looks.findIndex(({ instantMs }) => fromMs <= instantMs)
      const [before, seen] = [looks[next - 1], looks[next]]
      if (fromMs <= firstMs || (seen && seen.instantMs < toMs)) return true
      return before && !before.state && seen?.state?.endsWith('draining')
    })
  })
}
