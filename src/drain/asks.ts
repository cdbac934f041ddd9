import type { Limits } from './limits.ts'
import type { Look } from './pace.ts'
import type { GroupProgress, Progress } from './progress.ts'
import { searchAsks } from './search.ts'
import { leftServiceBy, settleOfGroup } from './standing.ts'

/** A question to one of the ports, and when to put it. */
export type Ask =
  | ({ readonly kind: 'look' } & Look)
  /** What kind of group is it, and how long is its delay? */
  | { readonly kind: 'describe'; readonly group: string; readonly atMs: number }
  /** Which groups is the pod in? */
  | { readonly kind: 'search'; readonly atMs: number }
  /** How many connections do these ports have? */
  | { readonly kind: 'count'; readonly ports: readonly number[]; readonly atMs: number }
  /** Is the pod being deleted, and until when? */
  | { readonly kind: 'pod'; readonly atMs: number }

/** Times the number of answers so far: the API that did not tell is the one that the looks need. */
const describeAgainMs = 10_000
const countMs = 1_000
const podMs = 5_000
const failedMs = 10_000

/** The questions beside the looks at the groups. */
export function questions(progress: Progress, limits: Limits): Ask[] {
  return [
    ...searchAsks(progress),
    ...progress.groups.flatMap((group) => describeAsks(progress, group)),
    ...countAsks(progress, limits),
    ...podAsks(progress, limits),
  ]
}

/** Asks what kind of group it is, and again, ever more seldom, while a part of the answer is missing. */
function describeAsks({ startedAtMs }: Progress, { group, described }: GroupProgress): Ask[] {
  if (!described) return [{ kind: 'describe', group, atMs: startedAtMs }]
  const atMs = described.answeredAtMs + describeAgainMs * described.times
  return described.missing.length > 0 ? [{ kind: 'describe', group, atMs }] : []
}

/** Counts from so early on that a port can have been idle for long enough when it has settled. */
function countAsks({ groups, connections }: Progress, limits: Limits): Ask[] {
  if (limits.releaseWhen !== 'idle') return []
  const countable = groups.filter(({ facts }) => facts.traffic !== 'datagrams')
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

function podAsks({ startedAtMs, pod }: Progress, { restartMs }: Limits): Ask[] {
  if (!pod) return [{ kind: 'pod', atMs: startedAtMs }]
  if (pod.failure) return [{ kind: 'pod', atMs: pod.answeredAtMs + failedMs }]
  if (pod.seen?.deletion === 'cannot-tell') return []
  const againMs = pod.answeredAtMs + podMs
  // One look when the bound of a restart is reached, so that a restart waits no longer.
  const boundMs = startedAtMs + restartMs
  return [{ kind: 'pod', atMs: pod.askedAtMs < boundMs ? Math.min(againMs, boundMs) : againMs }]
}
