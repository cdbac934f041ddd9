import { isBlind } from './safe.ts'
import { shownOf } from './shown.ts'
import { joinedAt, knownDeadline, podsIn, type Trace } from './trace.ts'
import { type GroupWorld, isCalm, type TargetWorld, trueSettleOf, type World } from './world.ts'

const confirmMs = 5_000
const patienceMs = 5_000
const countMs = 1_000

/** In a calm world the release comes within a step of the pace after the true end. */
export function late(world: World, { end, heard }: Trace): string[] {
  const kind = end.outcome.kind
  if (!isCalm(world) || kind === 'not-terminating') return []
  const dueMs = Math.max(
    ...world.groups.map((group, index) => {
      const shown = shownOf(index, heard)
      if (group.targetType === 'instance') {
        return joinedAt(heard) + trueSettleOf(group, world.limits)
      }
      if (isBlind(shown)) return joinedAt(heard) + Math.max(world.limits.fallbackMs, patienceMs)
      if (shown.targets.length === 0) return absentDue(world, group)
      const dues = shown.targets.flatMap((seen) =>
        group.targets
          .filter(({ port }) => port === seen.port)
          .map((target) => targetDue(world, group, target, seen.sinceMs)),
      )
      return Math.max(...dues)
    }),
  )
  const deadlineMs = Math.max(
    knownDeadline(heard, world.limits),
    podsIn(heard).at(-1)?.answeredAtMs ?? 0,
  )
  const latestMs = Math.min(dueMs + answersMs(world), deadlineMs)
  const wrong = end.atMs > latestMs ? [`released ${end.atMs}, due by ${latestMs}`] : []
  if (kind === 'deadline' && end.atMs > dueMs + answersMs(world)) wrong.push('only by the deadline')
  return wrong
}

/** Confirmed some seconds later; or settled, had it gone just before the first look. */
function absentDue({ limits }: World, group: GroupWorld): number {
  return Math.max(confirmMs, trueSettleOf(group, limits) - group.delayMs)
}

/** When the target is done, by mode, and the step of the pace by which that is seen late. */
function targetDue(world: World, group: GroupWorld, target: TargetWorld, seenAtMs: number): number {
  const { limits, connections } = world
  const leftMs = leftOf(target)
  const seenLateMs = seenLate(target, seenAtMs)
  const endMs = leftMs + group.delayMs
  // Where it drained between two looks, that it is gone is confirmed once more.
  const missed = group.delayMs <= seenLateMs + answersMs(world)
  const foundMs = missed ? endMs + seenLateMs + confirmMs : -Infinity
  const settledMs = Math.max(
    Math.max(leftMs, 0) + trueSettleOf(group, limits) + seenLateMs,
    foundMs,
  )
  // Where the group has two targets, the brisk pace of the one may be in the way of the other's end.
  const other = briskStep(Math.min(endMs, Math.max(...group.targets.map(leftOf))))
  const uncertainMs = leftMs <= 0 ? -leftMs : seenLateMs
  const finishedMs = Math.max(endMs + Math.max(closingStep(uncertainMs), other), settledMs)
  if (limits.releaseWhen === 'settled') return settledMs
  if (limits.releaseWhen !== 'idle' || connections === 'uncountable') return finishedMs
  const idleFromMs = connections.find(([, count]) => count === 0)?.[0] ?? 0
  // Connections are counted from when draining is seen, if no sooner.
  const countedFromMs = Math.max(leftMs, 0) + seenLateMs
  const idleMs = Math.max(idleFromMs, countedFromMs) + limits.idleMs
  return Math.min(finishedMs, Math.max(settledMs, idleMs) + countMs)
}

function leftOf({ registered: [span] }: TargetWorld): number {
  return span?.toMs ?? Infinity
}

/**
 * How long after it began `draining` is seen: one brisk step. A registration that was in flight when
 * the hook came is found by a look that was due for another reason: from then on.
 */
function seenLate(target: TargetWorld, seenAtMs: number): number {
  const inFlight = (target.registered[0]?.fromMs ?? 0) > 0
  const briskMs = briskStep(leftOf(target))
  return inFlight ? Math.max(briskMs, seenAtMs - leftOf(target)) : briskMs
}

/** Until draining shows: every 2 s, or a fifteenth of the time held so far up to 10 s, +25 %. */
function briskStep(atMs: number): number {
  return atMs <= 0 ? 0 : 1.25 * Math.min(Math.max(2_000, atMs / 15), 10_000)
}

/**
 * Near the end: every second, or a tenth of what is uncertain up to 10 s. What is uncertain is how
 * late draining was seen; or, when it began before the hook, how long before.
 */
function closingStep(uncertainMs: number): number {
  return Math.min(Math.max(1_000, (uncertainMs + 1_000) / 9), 10_000)
}

/** What the answers themselves take: a few in a row. */
function answersMs({ latenciesMs }: World): number {
  return 6 * Math.max(...latenciesMs)
}
