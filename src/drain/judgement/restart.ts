import type { GroupProgress, Progress } from '../knowledge/progress.ts'
import { leftServiceBy } from './clear.ts'
import { deadlineOf, type Hook, type Limits, restartBoundOf, settleOfGroup } from './limits.ts'
import { freshMs, wasDeregistered } from './standing.ts'

/**
 * A container that restarts (after a failed liveness probe, say) has its hook called as well. Nobody deletes
 * its pod, so holding the hook for a whole drain would only hold up the restart. It is let go at its bound. If
 * readiness failed first, the target drains and requests still come until it has settled: then it is let go
 * after that.
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
