import type { Limits } from './limits.ts'
import { endOf, overdueMs } from './pace.ts'
import type { Failure } from './ports.ts'
import type { GroupProgress, TargetProgress } from './progress.ts'
import { settleOf } from './target.ts'

/** What one group says to a release. */
export type Standing = {
  readonly group: GroupProgress
  /** From when the group does not hold, if what was seen last stays true; undefined: no telling. */
  readonly clearAtMs: number | undefined
} & (
  | { readonly kind: 'holds' }
  | { readonly kind: 'clear' }
  /** Nothing was learnt in the time that is given to it. */
  | { readonly kind: 'unknown'; readonly because: Failure }
)

/** An absence is believed when it is seen again this long after: a registration may be in flight. */
const confirmMs = 5_000

const silence: Failure = { kind: 'unreachable', said: 'no answer came' }

/** @param fallbackAtMs Until when to hold for a group of which nothing can be learnt. */
export function standingOf(
  group: GroupProgress,
  now: number,
  fallbackAtMs: number,
  limits: Limits,
): Standing {
  const clearAtMs = clearAt(group, limits)
  if (clearAtMs !== undefined && clearAtMs <= now && isConfirmed(group, clearAtMs)) {
    return { kind: 'clear', group, clearAtMs }
  }
  if (now >= fallbackAtMs && isBlind(group)) {
    return { kind: 'unknown', group, clearAtMs, because: group.failure?.last ?? silence }
  }
  return { kind: 'holds', group, clearAtMs }
}

/** The settle time that a group's targets get. */
export function settleOfGroup({ facts }: GroupProgress, limits: Limits): number {
  return limits.settleMs ?? settleOf(facts.loadBalancer)
}

/** Nothing is known, or no more than one absence, which may be a registration in flight. */
function isBlind({ truth, targets, failure }: GroupProgress): boolean {
  return !truth || (targets.length === 0 && failure !== undefined)
}

/** A look that began when the group was already clear has been answered. */
function isConfirmed({ targets, truth, attempt }: GroupProgress, clearAtMs: number): boolean {
  // A first absence needs a second one. Where the pod was seen to go, a failure changes nothing.
  const look = targets.length === 0 ? truth : attempt
  return look !== undefined && look.askedAtMs >= clearAtMs
}

function clearAt(group: GroupProgress, limits: Limits): number | undefined {
  const settleMs = settleOfGroup(group, limits)
  if (group.targets.length === 0) return absentClearAt(group, settleMs)
  const clear = group.targets.map((target) => targetClearAt(target, group, settleMs))
  return clear.reduce((latest, at) =>
    latest === undefined || at === undefined ? undefined : Math.max(latest, at),
  )
}

/**
 * A pod that is in no listing was deregistered a whole delay before at the latest, or else it would
 * still show `draining`. That proves that it has settled, unless the delay is shorter than the settle
 * time: then the pod may just have gone.
 */
function absentClearAt(
  { absentAtMs, facts, truth }: GroupProgress,
  settleMs: number,
): number | undefined {
  if (absentAtMs === undefined) return undefined
  const confirmedMs = absentAtMs + confirmMs
  if (truth?.about === 'no-group') return confirmedMs
  return Math.max(confirmedMs, absentAtMs - (facts.deregistrationDelayMs ?? 0) + settleMs)
}

function targetClearAt(
  target: TargetProgress,
  group: GroupProgress,
  settleMs: number,
): number | undefined {
  switch (target.phase.kind) {
    case 'registered':
      return undefined
    case 'draining': {
      // When the latest possible end has passed and the API does not answer, the timer is the proof.
      const end = group.failure && endOf(target, group)
      return end && Math.max(end.latestMs + overdueMs, leftServiceBy(target, group) + settleMs)
    }
    case 'gone':
      return leftServiceBy(target, group) + settleMs
  }
}

/**
 * The latest moment at which the target can have left service: when it first showed `draining`; or,
 * when that was not seen, a whole delay before it was found finished, but not before it was last
 * found registered.
 */
function leftServiceBy(target: TargetProgress, { facts }: GroupProgress): number {
  const { sighting, drainingAtMs, goneAtMs, registeredAtMs } = target
  if (drainingAtMs !== undefined) return drainingAtMs
  const finished = sighting.reason === 'Target.NotRegistered'
  const drainedMs = finished ? (facts.deregistrationDelayMs ?? 0) : 0
  return Math.max(registeredAtMs ?? -Infinity, (goneAtMs ?? Infinity) - drainedMs)
}
