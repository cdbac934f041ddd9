import { isBlind } from './safe.ts'
import { type ShownTarget, shownOf } from './shown.ts'
import { type Case, isDeleted, knownDeadline, leavingOf, podSeen, podsIn } from './trace.ts'
import { type GroupWorld, isCalm, type TargetWorld, trueSettleOf, type World } from './world.ts'

const confirmMs = 5_000
const patienceMs = 5_000
const countMs = 1_000
const overdueMs = 3_000
/** Within which time of the hook a group that drains is described. */
const describedMs = 22_000
/** Within which time of the hook a group is looked at first. */
const headStartMs = 12_000

/** In a calm world the release comes within a step of the pace after the true end. */
export function late(world: World, { hook, end, heard }: Case): string[] {
  const kind = end.outcome.kind
  if (!isCalm(world) || kind === 'not-terminating') return []
  const { graceEndsAtMs } = podSeen(heard) ?? {}
  // Whoever comes later, with more time, may find that nobody looked as long as there was none.
  if (hook.arrivedAtMs > 0 && graceEndsAtMs === undefined) return []
  const isMoved = ([, word]: World['pod'][number]) => typeof word !== 'string' && word.graceEndsAtMs
  if (world.pod.length > 1 && world.pod.some(isMoved)) return []
  const dueMs = Math.max(
    ...world.groups.map((group, index) => {
      const shown = shownOf(index, world, heard)
      if (group.targetType === 'instance') {
        return Math.max(headStartMs, hook.arrivedAtMs + trueSettleOf(group, world.limits))
      }
      if (isBlind(shown)) return hook.arrivedAtMs + Math.max(world.limits.fallbackMs, patienceMs)
      if (shown.targets.length === 0) return absentDue(world, group)
      const dues = shown.targets.flatMap((seen) =>
        group.targets
          .filter(({ port }) => port === seen.port)
          .map((target) => targetDue(world, group, target, seen, heard)),
      )
      return Math.max(...dues)
    }),
  )
  const stayed = podsIn(heard).some(
    ({ answer }) => answer.kind === 'pod' && answer.deletion === 'staying',
  )
  // Somebody who stays is looked at only at the beginning and at the bound.
  const restMs = stayed ? 10_000 : 0
  // Once it is known to leave, it is looked at anew.
  const anewMs = Math.max(0, leavingOf(heard).knownAtMs)
  const slackMs = answersMs(world) + restMs + anewMs
  // What the pod says may move the deadline into the past.
  const deadlineMs = Math.max(
    knownDeadline(hook, heard, world.limits),
    podsIn(heard).at(-1)?.answeredAtMs ?? 0,
  )
  const latestMs = Math.min(Math.max(dueMs, hook.arrivedAtMs) + slackMs, deadlineMs)
  const wrong = end.atMs > latestMs + slackMs ? [`released ${end.atMs}, due by ${latestMs}`] : []
  if (kind === 'deadline' && end.atMs > dueMs + slackMs) wrong.push('only by the deadline')
  return wrong
}

/** Confirmed some seconds later; or settled, had it gone just before the first look. */
function absentDue({ limits }: World, group: GroupWorld): number {
  return headStartMs + Math.max(confirmMs, trueSettleOf(group, limits) - group.delayMs)
}

/** When the target is done, by mode, and the step of the pace by which that is seen late. */
function targetDue(
  world: World,
  group: GroupWorld,
  target: TargetWorld,
  seen: ShownTarget,
  heard: Case['heard'],
): number {
  const { limits, connections } = world
  const leftMs = target.registered[0]?.toMs ?? Infinity
  const others = Math.max(...group.targets.map(({ registered }) => registered[0]?.toMs ?? 0))
  const seenAtMs = Math.max(seen.sinceMs, Math.max(leftMs, 0) + sightedLate(leftMs))
  const endMs = leftMs + group.delayMs
  // Where it drained between two looks, that it is gone is confirmed once more.
  const missed = group.delayMs <= seenAtMs - leftMs + answersMs(world)
  const foundMs = missed
    ? Math.max(endMs, seen.sinceMs) + sightedLate(endMs) + confirmMs
    : -Infinity
  const settledMs = Math.max(seenAtMs + trueSettleOf(group, limits), foundMs)
  // How late the end is noticed: a share of what is not known of it, or what time alone takes.
  // What it was told of its readiness may have changed: what was looked at seldom as long as it was not ready,
  // and what was not expected as long as it was.
  const told = podsIn(heard).map(
    ({ answer }) => (answer.kind === 'pod' ? answer : answer.known)?.ready,
  )
  const [wasUnready, wasReady] = [told.includes(false), told.some((ready) => ready !== false)]
  const uncertainMs = !wasUnready && leftMs > 0 ? seenAtMs - leftMs : group.delayMs
  // That it was deregistered before its hook came is not expected of a pod that was ready.
  const isUnexpected = leftMs < 0 && wasReady
  const foreseenMs = isUnexpected ? group.delayMs : endMs
  const noticedMs =
    foreseenMs + closingStep(uncertainMs) + (others > leftMs ? sightedLate(others) : 0)
  const timedMs = isDeleted(heard) ? seenAtMs + group.delayMs + overdueMs : Infinity
  const finishedMs = Math.max(Math.min(noticedMs, timedMs), settledMs)
  if (limits.releaseWhen === 'settled') return settledMs
  if (limits.releaseWhen !== 'idle' || connections === 'uncountable') return finishedMs
  const idleFromMs = connections.find(([, count]) => count === 0)?.[0] ?? 0
  // Connections are counted from when draining is seen, and it is known that there are any.
  const idleMs = Math.max(idleFromMs, seenAtMs, describedMs) + limits.idleMs
  return Math.min(finishedMs, Math.max(settledMs, idleMs) + countMs)
}

/** How long after it began `draining` is seen: by the first look, or one brisk step. */
function sightedLate(leftMs: number): number {
  const stepMs = 1.25 * Math.min(Math.max(2_000, leftMs * 0.8), 10_000)
  return Math.max(headStartMs - Math.max(leftMs, 0), stepMs)
}

/** Near the end: every second, or a part of what is uncertain. */
function closingStep(uncertainMs: number): number {
  return uncertainMs * 0.1 + 3_000
}

/** What the answers themselves take: a few in a row. */
function answersMs({ latenciesMs }: World): number {
  return Math.max(500, 6 * Math.max(...latenciesMs))
}
