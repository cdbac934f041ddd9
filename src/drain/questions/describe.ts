import { isOfNodes } from '../judgement/clear.ts'
import {
  controllerLagMs,
  deadlineOf,
  type Hook,
  isLookedFor,
  type Limits,
  settleOfGroup,
} from '../judgement/limits.ts'
import { type GroupProgress, isIn, type Progress } from '../knowledge/progress.ts'
import type { Wanted } from '../ports.ts'
import type { Ask } from './ask.ts'
import { afterThrottling, againMs, shareMs } from './fleet.ts'

/** Between two counts of connections. */
export const countMs = 1_000
/** Times the number of answers so far: the API that did not tell is the one that the looks need. */
const describeAgainMs = 10_000
/** When a pod that still serves asks all the same: what it waits for may not fit into its grace period. */
const describeAnywayMs = 30_000
/** What is left of the time when it is asked at the latest. */
const describeLastMs = 4_000

/**
 * Asks what kind of group it is, and how long its delay, once that matters, and again, ever more seldom, while
 * a part of the answer is missing. Not while looks are throttled. Where so many drain that not all of them could
 * ask in the time that is left, nobody asks for the delay: the time itself is what they wait for.
 */
export function describeAsks(
  progress: Progress,
  group: GroupProgress,
  hook: Hook,
  limits: Limits,
): Ask[] {
  const { described, failure, throttled } = group
  const all = wantedOf(group, progress, limits)
  if (all.length === 0 || failure?.last.kind === 'throttled') return []
  const fromMs = mattersFrom(group, all, progress, limits)
  if (fromMs === undefined) return []
  const deadlineMs = deadlineOf(hook, progress, limits)
  // If the time is too short, that is when to say by how much.
  const sinceMs = described?.answeredAtMs ?? Math.min(fromMs, deadlineMs - describeLastMs)
  const shortMs = shareMs(group, limits)
  const crowdMs = shortMs > crowdedMs ? shortMs : 0
  const isShort = sinceMs + crowdMs > deadlineMs
  // Without the kind the settle time is that of the slowest, and there may be no room for it.
  const wanted = isShort ? all.filter((one) => one === 'kind') : all
  if (wanted.length === 0) return []
  const times = described?.times ?? 0
  const isThrottled = described?.missing.some(({ kind }) => kind === 'throttled')
  const againMs = isThrottled
    ? againAfter(throttled, sinceMs, progress, limits)
    : sinceMs + describeAgainMs * times
  const spreadMs = isShort ? Math.max(0, deadlineMs - describeLastMs - sinceMs) : crowdMs
  const atMs = Math.max(againMs, sinceMs + spreadMs * limits.spread)
  return [{ kind: 'describe', group: group.group, wanted, atMs }]
}

/** A dozen that drain at a time need no regard for each other. */
const crowdedMs = 3_000

/** The delay is no matter where nothing waits for its end. */
function wantedOf(
  { claim, facts, targets }: GroupProgress,
  { pod }: Progress,
  { releaseWhen }: Limits,
): Wanted[] {
  const { deregistrationDelayMs, loadBalancer, traffic, targetType } = facts
  const isForDelay = releaseWhen !== 'settled' || targets.length === 0
  const delay: Wanted[] = isForDelay && deregistrationDelayMs === undefined ? ['delay'] : []
  // Whether the pod may just have left it; one that did not serve has not.
  if (claim === 'possible') return pod?.seen?.ready === false ? [] : delay
  return loadBalancer && traffic && targetType ? delay : [...delay, 'kind']
}

/**
 * Of a pod that drains, when the controller has done its work, for which a crowd leaves it twice the time; and
 * where it may be without connections, and need no delay, when it has settled. At once of one that was not
 * found; and of one that has been in service for so long that it may not leave in time.
 */
function mattersFrom(
  group: GroupProgress,
  wanted: readonly Wanted[],
  { startedAtMs, pod }: Progress,
  limits: Limits,
): number | undefined {
  const { targets, absentAtMs, truth, knownAtMs } = group
  // Nodes are not looked at; and a lookout has asked beforehand.
  if (isOfNodes(group) || isLookedFor(limits)) return knownAtMs
  if (truth === undefined) return undefined
  if (isIn(group, 'registered')) {
    return pod?.seen?.deletion === 'staying' ? undefined : startedAtMs + describeAnywayMs
  }
  if (!isIn(group, 'draining')) return absentAtMs ?? targets.find(({ gone }) => gone)?.gone?.atMs
  const drainingAtMs = Math.min(...targets.map((target) => target.drainingAtMs ?? Infinity))
  const mayBeIdle = limits.releaseWhen === 'idle' && !wanted.includes('kind')
  if (mayBeIdle) return drainingAtMs + settleOfGroup(group, limits) + countMs
  const isCrowd = shareMs(group, limits) > crowdedMs && !wanted.includes('kind')
  const lags = isCrowd ? 2 : 0.7 + 0.4 * limits.spread
  return Math.max(drainingAtMs, startedAtMs + controllerLagMs * lags)
}

/** A look may not miss its turn; what describes a group can wait a second or two. */
function againAfter(times: number, lastMs: number, progress: Progress, limits: Limits): number {
  if (isLookedFor(limits)) return lastMs + againMs(limits.spread)
  return afterThrottling(times, lastMs, progress, limits.spread)
}
