import { leftServiceBy } from '../judgement/clear.ts'
import {
  deadlineOf,
  type Hook,
  isLookedFor,
  type Limits,
  restartBoundOf,
  settleOfGroup,
} from '../judgement/limits.ts'
import { confirmedAt, isFound } from '../judgement/search.ts'
import type { Progress } from '../knowledge/progress.ts'
import type { Ask } from './ask.ts'
import { countMs, describeAsks } from './describe.ts'
import { againMs } from './fleet.ts'

const podMs = 5_000
const deletingMs = 15_000
const failedMs = 10_000
const restMs = 1_000

/** The questions beside the looks at the groups. */
export function questions(progress: Progress, hook: Hook, limits: Limits): Ask[] {
  return [
    ...searchAsks(progress, limits),
    ...progress.groups.flatMap((group) => describeAsks(progress, group, hook, limits)),
    ...countAsks(progress, limits),
    ...podAsks(progress, hook, limits),
  ]
}

/** Counts from so early on that a port can have been idle for long enough when it has settled. */
function countAsks({ groups, connections }: Progress, limits: Limits): Ask[] {
  if (limits.releaseWhen !== 'idle') return []
  const countable = groups.filter(({ facts }) => facts.traffic === 'connections')
  const draining = countable.flatMap((group) =>
    group.targets
      .filter(({ phase }) => phase.kind === 'draining')
      .map((target) => ({
        port: target.target.port,
        fromMs: leftServiceBy(target, group) + settleOfGroup(group, limits) - limits.idleMs,
      })),
  )
  if (draining.length === 0) return []
  const fromMs = Math.min(...draining.map(({ fromMs }) => fromMs))
  const pauseMs = connections?.failure ? failedMs : countMs
  const againMs = connections ? connections.askedAtMs + pauseMs : -Infinity
  const ports = [...new Set(draining.map(({ port }) => port))]
  return [{ kind: 'count', ports, atMs: Math.max(fromMs, againMs) }]
}

/**
 * Often until the pod is known to be deleted. After that only a second deletion could change anything:
 * a thousand pods ask their API server 70 times a second then.
 */
function podAsks(progress: Progress, hook: Hook, limits: Limits): Ask[] {
  const { joinedAtMs, startedAtMs, pod } = progress
  if (!pod) return [{ kind: 'pod', atMs: startedAtMs }]
  const { seen, failure, askedAtMs, answeredAtMs } = pod
  if (!failure && (seen?.deletion === 'cannot-tell' || seen?.deletion === 'deleted')) return []
  // At once for a hook that has joined, which may be that of a deletion; but whoever calls again and again
  // costs little more than one.
  const soonMs = answeredAtMs + restMs
  const joinedMs = askedAtMs < joinedAtMs ? Math.max(joinedAtMs, soonMs) : Infinity
  if (failure) {
    const pauseMs = isLookedFor(limits) ? againMs(limits.spread) : failedMs
    return [{ kind: 'pod', atMs: Math.min(joinedMs, answeredAtMs + pauseMs) }]
  }
  if (seen?.deletion === 'deleting') {
    const leftMs = deadlineOf(hook, progress, limits) - answeredAtMs
    const pauseMs = Math.max(podMs, Math.min(deletingMs, leftMs / 4)) * (0.75 + limits.spread / 2)
    return [{ kind: 'pod', atMs: answeredAtMs + pauseMs }]
  }
  // One look when the bound of a restart is reached, so that a restart waits no longer.
  const boundMs = restartBoundOf(hook, progress, limits)
  const dueMs = askedAtMs < boundMs ? Math.max(boundMs, soonMs) : Infinity
  return [{ kind: 'pod', atMs: Math.min(joinedMs, dueMs, answeredAtMs + podMs) }]
}

/** Searches until all is found, and to confirm that there is nothing; at once, then more seldom. */
export function searchAsks({ groups, search, startedAtMs }: Progress, limits: Limits): Ask[] {
  if (!search) return groups.length > 0 ? [] : [{ kind: 'search', atMs: startedAtMs }]
  if (search.failure) {
    const mostMs = isLookedFor(limits) ? againMs(limits.spread) : longestPauseMs
    const pauseMs = Math.min(1_000 * 2 ** (search.failure.inARow - 1), mostMs)
    return [{ kind: 'search', atMs: search.answeredAtMs + pauseMs }]
  }
  const isOver = isFound(groups) || search.askedAtMs >= confirmedAt(search)
  return isOver ? [] : [{ kind: 'search', atMs: confirmedAt(search) }]
}

const longestPauseMs = 10_000
