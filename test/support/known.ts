import type { DrainState } from '../../src/drain/account/state.ts'
import type { Limits } from '../../src/drain/judgement/limits.ts'
import type { Outcome } from '../../src/drain/judgement/outcome.ts'
import {
  begin,
  beginGroup,
  type GroupProgress,
  type PodProgress,
  type Progress,
  type TargetProgress,
} from '../../src/drain/knowledge/progress.ts'
import type { PodSeen } from '../../src/drain/ports.ts'
import type { Phase, Target } from '../../src/drain/target.ts'
import { roomy } from './drain-under-test.ts'
import { pod } from './scripted-balancer.ts'

export const s = 1_000
/** The target of group `a` that nothing else is said of. */
export const ref: Target = { group: 'a', id: pod, port: 8080 }
/** The hook that a drain begins with, at 0. */
export const first = { arrivedAtMs: 0 }

const words = {
  registered: { state: 'healthy' },
  draining: { state: 'draining', reason: 'Target.DeregistrationInProgress' },
  gone: { state: 'unused', reason: 'Target.NotRegistered' },
}

/** A target that was last seen so. */
export function targetIn(
  kind: Phase['kind'],
  more: Partial<TargetProgress> = {},
  port = ref.port,
): TargetProgress {
  const target = { ...ref, port }
  return { target, sighting: { target, ...words[kind] }, phase: { kind }, ...more }
}

export const registered = (lastMs = 0) => targetIn('registered', { registeredAtMs: lastMs })
export const drainingSince = (drainingAtMs: number, more: Partial<TargetProgress> = {}) =>
  targetIn('draining', { drainingAtMs, ...more })
export const goneSince = (atMs: number, more: Partial<TargetProgress> = {}) =>
  targetIn('gone', { gone: { atMs, reason: words.gone.reason }, ...more })

/** Group `a`, known from the start on and looked at at once. */
export function groupWith(
  targets: readonly TargetProgress[],
  more: Partial<GroupProgress> = {},
): GroupProgress {
  const at = { askedAtMs: 0, answeredAtMs: 0 }
  return {
    ...beginGroup('a', 'bound', {}, 0),
    ...{ targets, attempt: at, truth: { askedAtMs: 0, about: 'group' } },
    ...more,
  }
}

/** What a drain knows that began at 0. */
export function knowing(groups: readonly GroupProgress[], more: Partial<Progress> = {}): Progress {
  return { ...begin([], 0), groups, ...more }
}

/** A drain that holds one hook, or has released it at its 25th second. */
export function state(progress: Progress, outcome?: Outcome): DrainState {
  const base = { progress, hook: first, hooks: 1, held: outcome ? 0 : 1 }
  return outcome ? { ...base, end: { hook: first, outcome, atMs: 25 * s } } : base
}

/** What the pod's cluster said, to be spread into what a drain knows. */
export function podSaid(
  deletion: PodSeen['deletion'],
  more: Partial<PodSeen> = {},
  rest: Partial<PodProgress> = {},
): { pod: PodProgress } {
  const seen: PodSeen = { kind: 'pod', deletion, ...more }
  return { pod: { askedAtMs: 0, answeredAtMs: 0, seen, ...rest } }
}

export const within = (limits: Partial<Limits> = {}): Limits => ({ ...roomy, ...limits })
