import { isOfNodes, leftServiceBy, settleOfGroup } from './clear.ts'
import { fleetGapMs, isCrowded, throttledPauseMs } from './fleet.ts'
import { deadlineOf, type Limits, restartBoundOf } from './limits.ts'
import type { Look } from './pace.ts'
import type { GroupProgress, Progress } from './progress.ts'
import { searchAsks } from './search.ts'
import type { GroupFacts } from './target.ts'

/** A question to one of the ports, and when to put it. */
export type Ask =
  | ({ readonly kind: 'look' } & Look)
  /** What kind of group is it, and how long is its delay? */
  | {
      readonly kind: 'describe'
      readonly group: string
      /** What need not be asked. */
      readonly known: GroupFacts
      readonly atMs: number
    }
  /** Which groups is the pod in? */
  | { readonly kind: 'search'; readonly atMs: number }
  /** How many connections do these ports have? */
  | { readonly kind: 'count'; readonly ports: readonly number[]; readonly atMs: number }
  /** Is the pod being deleted, and until when? */
  | { readonly kind: 'pod'; readonly atMs: number }

/** Times the number of answers so far: the API that did not tell is the one that the looks need. */
const describeAgainMs = 10_000
/** When a pod that still serves asks all the same: what it waits for may not fit into its grace period. */
const describeAnywayMs = 15_000
const countMs = 1_000
const podMs = 5_000
const deletingMs = 15_000
const failedMs = 10_000

/** The questions beside the looks at the groups. */
export function questions(progress: Progress, limits: Limits): Ask[] {
  return [
    ...searchAsks(progress),
    ...progress.groups.flatMap((group) => describeAsks(progress, group, limits)),
    ...countAsks(progress, limits),
    ...podAsks(progress, limits),
  ]
}

/**
 * Asks what kind of group it is once that matters, when the pod is not in service any more or has been
 * for long, and again, ever more seldom, while a part of the answer is missing. Not while looks are
 * throttled, and no sooner than the neighbours allow.
 */
function describeAsks(progress: Progress, group: GroupProgress, limits: Limits): Ask[] {
  const { startedAtMs } = progress
  const { answers, described, facts, truth, failure, targets } = group
  // Where the budget is short, an absence has to do without: it only takes longer, unless it is not
  // even known how long that is.
  const short = answers.throttled > 0 && targets.length === 0
  const spared = short && facts.loadBalancer !== undefined
  // Nodes are not looked at.
  const isSeen = truth !== undefined || isOfNodes(group)
  if (!isSeen || spared || failure?.last.kind === 'throttled') return []
  const serves = targets.some(({ phase }) => phase.kind === 'registered')
  const fromMs = serves ? startedAtMs + describeAnywayMs : -Infinity
  if (described && described.missing.length === 0) return []
  const times = described?.times ?? 0
  const throttled = short || described?.missing.some(({ kind }) => kind === 'throttled')
  const sinceMs = described?.answeredAtMs ?? outOfServiceAt(group) ?? startedAtMs
  const leftMs = deadlineOf(progress, limits) - sinceMs
  const crowdMs = isCrowded(group, limits) ? fleetGapMs(group, leftMs, limits) * limits.spread : 0
  const pauseMs = throttled
    ? throttledPauseMs(group, Math.max(times, 1), leftMs, limits.spread)
    : describeAgainMs * times
  const atMs = Math.max(fromMs, sinceMs + Math.max(pauseMs, crowdMs))
  return [{ kind: 'describe', group: group.group, known: facts, atMs }]
}

/** When the first answer came that showed a target of the pod, or the pod, not in service. */
function outOfServiceAt({ targets, absentAtMs }: GroupProgress): number | undefined {
  const [first] = targets.flatMap(({ drainingAtMs, gone }) => drainingAtMs ?? gone?.atMs ?? [])
  return first ?? absentAtMs
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
function podAsks(progress: Progress, limits: Limits): Ask[] {
  const { joinedAtMs, pod } = progress
  if (!pod) return [{ kind: 'pod', atMs: progress.startedAtMs }]
  const { seen, failure, askedAtMs, answeredAtMs } = pod
  if (!failure && (seen?.deletion === 'cannot-tell' || seen?.deletion === 'deleted')) return []
  if (askedAtMs < joinedAtMs) return [{ kind: 'pod', atMs: joinedAtMs }]
  if (failure) return [{ kind: 'pod', atMs: answeredAtMs + failedMs }]
  if (seen?.deletion === 'deleting') {
    const leftMs = deadlineOf(progress, limits) - answeredAtMs
    const pauseMs = Math.max(podMs, Math.min(deletingMs, leftMs / 4)) * (0.75 + limits.spread / 2)
    return [{ kind: 'pod', atMs: answeredAtMs + pauseMs }]
  }
  const againMs = answeredAtMs + podMs
  // One look when the bound of a restart is reached, so that a restart waits no longer.
  const boundMs = restartBoundOf(progress, limits)
  return [{ kind: 'pod', atMs: askedAtMs < boundMs ? Math.min(againMs, boundMs) : againMs }]
}
