import type { Failures } from '../knowledge/failures.ts'
import type { GroupProgress, Progress } from '../knowledge/progress.ts'
import { settleOf } from '../target.ts'

/** What bounds a drain. Milliseconds. */
export interface Limits {
  /** The pod's termination grace period, as long as the pod itself has not told it. */
  readonly graceMs: number
  /** The part of it that is kept for the app's own shutdown. */
  readonly reserveMs: number
  /** How long to hold when nothing can be learnt. */
  readonly fallbackMs: number
  /** The settle time; without it, by load balancer kind. */
  readonly settleMs?: number
  /** What the drain waits for. */
  readonly releaseWhen: ReleaseWhen
  /** How long a port must have been without connections to count as idle. */
  readonly idleMs: number
  /** How long to wait for a sign that the pod is being deleted at all. */
  readonly restartMs: number
  /** How many API calls a second all pods that drain together may make, where each looks for itself. */
  readonly callsPerSecond: number
  /** Who looks: a lookout keeps the budget of calls, and asks once for all pods. */
  readonly looking: 'by-itself' | 'by-lookout'
  /** Drawn once, from 0 to 1: pods that start together should not look together. */
  readonly spread: number
}

/** Whether somebody looks for all pods: then none of them need have regard for the others. */
export function isLookedFor({ looking }: Limits): boolean {
  return looking === 'by-lookout'
}

/** When to release. */
export type ReleaseWhen =
  /** Each target is gone and settled. */
  | 'deregistered'
  /** Or it is draining and settled, and its port has no connections. */
  | 'idle'
  /** Or it is draining and settled: the app finishes what is in flight after SIGTERM. */
  | 'settled'

/** One that waits. Each is bounded from its own arrival, whatever others come before or after. */
export interface Hook {
  readonly arrivedAtMs: number
}

/**
 * An absence is believed when it is seen again this long after: a registration may be in flight, or
 * the one answer may have been wrong. Milliseconds.
 */
export const confirmMs = 5_000

/**
 * The longest that a controller takes to deregister a pod when nothing is in its way. It hears of a deletion
 * in 1-10 s, by EndpointSlices and its queue; the rest is for a crowd of them. Milliseconds.
 */
export const controllerLagMs = 20_000

/**
 * When the pod's grace period ends for a hook, in monotonic milliseconds: by the pod's own word where it
 * gave one, for a second deletion may shorten it. Else it is counted from when the hook came.
 */
export function graceEndOf({ arrivedAtMs }: Hook, { pod }: Progress, limits: Limits): number {
  return pod?.seen?.graceEndsAtMs ?? arrivedAtMs + (pod?.seen?.graceMs ?? limits.graceMs)
}

/** When a hook's time is up, in monotonic milliseconds. */
export function deadlineOf(hook: Hook, progress: Progress, limits: Limits): number {
  return Math.max(hook.arrivedAtMs, graceEndOf(hook, progress, limits) - limits.reserveMs)
}

/**
 * From when on a pod that nobody deletes is taken to stay, in monotonic milliseconds: early enough for
 * one more look before the time is up.
 */
export function restartBoundOf(hook: Hook, progress: Progress, limits: Limits): number {
  const lastMs = deadlineOf(hook, progress, limits) - lookMs
  return Math.max(Math.min(hook.arrivedAtMs + limits.restartMs, lastMs), hook.arrivedAtMs)
}

/** What a look usually takes, with room to spare. */
export const lookMs = 2_000

/** The settle time that a group's targets get; of a kind that is not known, that of the slowest. */
export function settleOfGroup({ facts }: Pick<GroupProgress, 'facts'>, limits: Limits): number {
  return limits.settleMs ?? settleOf(facts.loadBalancer)
}

/**
 * The last moment at which a target can begin to drain and still settle before the hook's deadline. As long as
 * the kind of load balancer is not known, this goes by the quickest one: the kind may be learnt by then.
 */
export function lookByOf(
  hook: Hook,
  { facts: { loadBalancer = 'application' } }: Pick<GroupProgress, 'facts'>,
  progress: Progress,
  limits: Limits,
): number {
  const settleMs = limits.settleMs ?? settleOf(loadBalancer)
  return deadlineOf(hook, progress, limits) - settleMs - answerMs
}

/** What an answer takes. */
const answerMs = 1_000

/**
 * When a group is first looked at. The controller has to deregister the pod, which takes it 1-10 s and the same
 * kind of calls, so it goes first. Pods that are deleted together spread over that time: if 300 of them look
 * at once, neither they nor the controller get an answer. Where the time is short, the look comes sooner.
 */
export function firstLookOf(
  hook: Hook,
  group: Pick<GroupProgress, 'facts' | 'knownAtMs'>,
  progress: Progress,
  limits: Limits,
): number {
  const { startedAtMs, pod } = progress
  const byMs = lookByOf(hook, group, progress, limits)
  const roomMs =
    (byMs > startedAtMs ? byMs : deadlineOf(hook, progress, limits) - lookMs) - startedAtMs
  // A pod that nobody deletes is not let go before it was looked at again.
  const lastMs = pod?.seen?.deletion === 'staying' ? Math.min(roomMs, limits.restartMs / 3) : roomMs
  const inTime = (ms: number) => Math.max(0, Math.min(ms, lastMs))
  const [soonestMs, latestMs] = isLookedFor(limits) ? [0, 1_000] : [headStartMs, lastStartMs]
  const [fromMs, toMs] = [inTime(soonestMs), inTime(latestMs)]
  return Math.max(group.knownAtMs, startedAtMs + fromMs + (toMs - fromMs) * limits.spread)
}

const headStartMs = 2_000
const lastStartMs = 12_000

/**
 * How long a hook is held when something cannot be learnt, counted from its arrival or from when the answers
 * stopped. Throttling does not count as an outage: the API is there, and others need it more. Time in which
 * the process was frozen does not count either, nor does the time before the first look. For a pod that was
 * deleted by force it does not matter what could be learnt: it has no time left.
 *
 * @param failure What keeps the answers away.
 * @param askedFromMs When it was first asked, or is going to be.
 */
export function fallbackOf(
  hook: Hook,
  progress: Progress,
  { failure, askedFromMs }: { failure?: Failures | undefined; askedFromMs: number },
  limits: Limits,
): number {
  const { thawedAtMs = -Infinity, pod } = progress
  if (pod?.seen?.deletion === 'deleted') return Infinity
  const deadlineMs = deadlineOf(hook, progress, limits)
  if (failure?.last.kind === 'throttled') return deadlineMs
  const heldMs = Math.max(limits.fallbackMs, patienceMs)
  const lookedMs = Math.max(thawedAtMs, askedFromMs) + patienceMs
  const outageAtMs = failure?.outageAtMs ?? -Infinity
  const fallbackMs = Math.max(hook.arrivedAtMs + heldMs, outageAtMs + heldMs, lookedMs)
  // Where there was no time for an answer, it was the time that was up.
  return Math.min(fallbackMs, failure ? deadlineMs : Math.max(deadlineMs, askedFromMs + lookMs))
}

/** How long there is at least for a look before it is believed that nothing can be learnt. */
const patienceMs = 5_000
