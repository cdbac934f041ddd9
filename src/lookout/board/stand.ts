import type { DrainState } from '../../drain/account/state.ts'
import { clearOf, isOfNodes, leftServiceBy } from '../../drain/judgement/clear.ts'
import { endOf } from '../../drain/judgement/end.ts'
import {
  type Hook,
  type Limits,
  restartBoundOf,
  settleOfGroup,
} from '../../drain/judgement/limits.ts'
import { isStaying } from '../../drain/judgement/restart.ts'
import type { GroupProgress, Progress, TargetProgress } from '../../drain/knowledge/progress.ts'

/**
 * How far a pod has left its target groups: as far as the target that is furthest behind. `unknown`: of some
 * group nothing is known yet, and no other is known to serve.
 */
export type DrainPhase = 'registered' | 'unknown' | 'draining' | 'gone'

/** A phase, and since when; undefined where that is not known. */
export interface Stand {
  readonly phase: DrainPhase
  readonly sinceMs: number | undefined
}

const furthestBehindFirst: readonly DrainPhase[] = ['registered', 'unknown', 'draining', 'gone']

/** Where the target stands that is furthest behind; of several, the one that came there last. */
export function standOf({ groups }: Progress): Stand {
  const stands = groups.flatMap(standsIn)
  const phase = furthestBehindFirst.find((one) => stands.some((stand) => stand.phase === one))
  const times = stands.flatMap((stand) => (stand.phase === phase ? (stand.sinceMs ?? []) : []))
  return {
    phase: phase ?? 'unknown',
    sinceMs: times.length > 0 ? Math.max(...times) : undefined,
  }
}

function standsIn(group: GroupProgress): Stand[] {
  const { targets, absentAtMs, attempt } = group
  if (targets.length > 0) return targets.map(standOfTarget)
  if (absentAtMs !== undefined) return [{ phase: 'gone', sinceMs: absentAtMs }]
  // There is nothing of the pod to look at, and nothing that holds it but time.
  if (isOfNodes(group)) return [{ phase: 'draining', sinceMs: attempt?.answeredAtMs }]
  return [{ phase: 'unknown', sinceMs: undefined }]
}

function standOfTarget({ phase: { kind }, drainingAtMs, gone }: TargetProgress): Stand {
  const sinceMs = { registered: undefined, draining: drainingAtMs, gone: gone?.atMs }
  return { phase: kind, sinceMs: sinceMs[kind] }
}

/**
 * When the drain is expected to end, in monotonic milliseconds: at the latest of the ends of its groups; of a
 * pod that only restarts, at the bound of that. Undefined while it cannot be told. A look decides, not this.
 */
export function expectedEndOf(
  { progress, hook }: DrainState,
  limits: Limits,
  now: number,
): number | undefined {
  if (isStaying(progress)) return restartBoundOf(hook, progress, limits)
  const ends = progress.groups.map((group) => endOfGroup(group, progress, hook, now, limits))
  const endMs = ends.length > 0 ? Math.max(...ends) : Infinity
  return endMs === Infinity ? undefined : endMs
}

function endOfGroup(
  group: GroupProgress,
  progress: Progress,
  hook: Hook,
  now: number,
  limits: Limits,
): number {
  const clearMs = clearOf(group, progress, hook, now, limits)?.atMs ?? Infinity
  const delays = group.targets.map((target) => delayEndOf(target, group, progress, limits))
  return delays.length > 0 ? Math.min(clearMs, Math.max(...delays)) : clearMs
}

/** When the delay of a target on its way out is over, and it has settled. */
function delayEndOf(
  target: TargetProgress,
  group: GroupProgress,
  progress: Progress,
  limits: Limits,
): number {
  if (target.phase.kind === 'registered') return Infinity
  const endMs = endOf(target, group, progress)?.latestMs ?? Infinity
  return Math.max(endMs, leftServiceBy(target, group) + settleOfGroup(group, limits))
}
