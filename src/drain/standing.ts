import { type Clear, clearOf, isOfNodes } from './clear.ts'
import type { Limits } from './limits.ts'
import type { Failure } from './ports.ts'
import type { GroupProgress, Progress, TargetProgress } from './progress.ts'

/** What one group says to a release. */
export type Standing = {
  readonly group: GroupProgress
  /** Undefined: there is no telling. */
  readonly clear: Clear | undefined
} & (
  | { readonly kind: 'holds' }
  /** What it showed is too old to decide by from `freshUntilMs` on. */
  | { readonly kind: 'clear'; readonly clear: Clear; readonly freshUntilMs: number }
  /** Nothing was learnt in the time that is given to it, or nothing new. */
  | { readonly kind: 'unknown'; readonly because: Failure }
)

const silence: Failure = { kind: 'unreachable', said: 'no answer came' }
/** A process that was frozen wakes with old answers: decide only by looks begun within this time. */
export const freshMs = 15_000

/** @param fallbackAtMs Until when to hold for a group of which nothing can be learnt. */
export function standingOf(
  group: GroupProgress,
  progress: Progress,
  now: number,
  fallbackAtMs: number,
  limits: Limits,
): Standing {
  const clear = clearOf(group, progress, now, limits)
  const shownAtMs = clear?.confirmed === 'by-time' ? Infinity : proofOf(group)
  const freshUntilMs = shownAtMs + freshMs
  const isClear = clear && clear.atMs <= now && shownAtMs >= clear.atMs
  const isLost = isClear ? freshUntilMs <= now && group.failure : isBlind(group)
  if (isLost && now >= fallbackAtMs) {
    return { kind: 'unknown', group, clear, because: group.failure?.last ?? silence }
  }
  return isClear ? { kind: 'clear', group, clear, freshUntilMs } : { kind: 'holds', group, clear }
}

/** Seen on its way out, or, when that was quick, only seen to have gone. */
export function wasDeregistered({ drainingAtMs, sighting }: TargetProgress): boolean {
  return drainingAtMs !== undefined || sighting.reason === 'Target.NotRegistered'
}

/**
 * Whether the pod cannot come back: it is being deleted, or every target of it was deregistered. One
 * that was only unhealthy, or in no group, or could not be seen, may serve again a minute later.
 */
export function isOnItsWayOut({ pod, groups }: Progress): boolean {
  const targets = groups.flatMap(({ targets }) => targets)
  const left = targets.length > 0 && targets.every(wasDeregistered)
  const deletion = pod?.seen?.deletion
  // A pod that stays is registered again when it is ready again.
  return deletion === 'deleting' || deletion === 'deleted' || (left && deletion !== 'staying')
}

/** Nothing is known, or no more than one absence, which may be a registration in flight. */
function isBlind(group: GroupProgress): boolean {
  const { truth, targets, failure } = group
  return !isOfNodes(group) && (!truth || (targets.length === 0 && failure !== undefined))
}

/**
 * When the look was asked that shows how the group stands. Where the pod was seen to go, a failure changes
 * nothing; what was only missed needs an answer.
 */
function proofOf({ targets, attempt, truth }: GroupProgress): number {
  const seenToGo = targets.every(({ drainingAtMs }) => drainingAtMs !== undefined)
  const look = seenToGo && targets.length > 0 ? attempt : truth
  return look?.askedAtMs ?? -Infinity
}
