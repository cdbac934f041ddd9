import { leftServiceBy } from './clear.ts'
import { deadlineOf, type Hook, type Limits, restartBoundOf, settleOfGroup } from './limits.ts'
import type { Look } from './pace.ts'
import type { GroupProgress, Progress } from './progress.ts'
import { freshMs, wasDeregistered } from './standing.ts'

/**
 * A hook is called for a container's restart as well (a failed liveness probe), and then the pod stays:
 * nobody deletes it. To hold such a hook would only hold up the restart. It is let go at its bound; or,
 * where the pod's readiness had failed first and its target drains, when that has settled, for until then
 * requests still come.
 *
 * @returns From when on the hook can be let go; undefined as long as that is not known.
 */
export function restartEndOf(
  progress: Progress,
  hook: Hook,
  now: number,
  limits: Limits,
): number | undefined {
  const { groups, pod } = progress
  if (!isStaying(progress) || !pod || pod.failure) return undefined
  const boundMs = restartBoundOf(hook, progress, limits)
  if (pod.askedAtMs < Math.max(boundMs, now - freshMs)) return undefined
  const looked = groups.every(({ attempt }) => attempt && attempt.askedAtMs >= boundMs)
  // A look that gets no answer holds up no restart.
  const lookedMs = looked
    ? boundMs
    : Math.min(boundMs + silentMs, deadlineOf(hook, progress, limits))
  return Math.max(lookedMs, ...groups.map((group) => settledAt(group, limits)))
}

const silentMs = 10_000

export function isStaying({ pod }: Progress): boolean {
  return pod?.seen?.deletion === 'staying'
}

function settledAt(group: GroupProgress, limits: Limits): number {
  const settleMs = settleOfGroup(group, limits)
  const left = group.targets.filter(wasDeregistered)
  return Math.max(-Infinity, ...left.map((target) => leftServiceBy(target, group) + settleMs))
}

/** While the pod stays, one look at the beginning and one at the bound: it costs the API next to nothing. */
export function whileStaying(
  look: Look,
  group: GroupProgress,
  progress: Progress,
  hook: Hook,
  limits: Limits,
): Look {
  const { attempt } = group
  if (!attempt) return look
  const boundMs = restartBoundOf(hook, progress, limits)
  const restedMs = attempt.askedAtMs + Math.min(restMs, (limits.restartMs * 2) / 3)
  const atMs =
    attempt.askedAtMs < boundMs ? Math.max(boundMs, restedMs) : Math.max(look.atMs, restedMs)
  return { ...look, atMs }
}

/**
 * Who calls the hook again and again costs no more than a look in this time. A shorter bound has a shorter
 * one: the first look comes in its first third (`firstLookOf`), and the second is not to come after it.
 */
const restMs = 10_000
