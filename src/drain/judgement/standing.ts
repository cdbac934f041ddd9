import type { GroupProgress, Progress, TargetProgress } from '../knowledge/progress.ts'
import type { Failure } from '../ports.ts'
import { type Clear, clearOf, isOfNodes, leftServiceBy } from './clear.ts'
import { endOf } from './end.ts'
import { fallbackOf, firstLookOf, type Hook, type Limits, settleOfGroup } from './limits.ts'

/** What one group says to the release of a hook. */
export type Standing = {
  readonly group: GroupProgress
  /** Undefined: there is no telling. */
  readonly clear: Clear | undefined
  /** Until when it is waited for, where nothing (new) is learnt of it. */
  readonly fallbackAtMs: number
} & (
  | { readonly kind: 'holds' }
  /** What it showed is too old to decide by from `freshUntilMs` on. */
  | { readonly kind: 'clear'; readonly clear: Clear; readonly freshUntilMs: number }
  /** Nothing was learnt in the time that is given to it, or nothing new. */
  | { readonly kind: 'unknown'; readonly because: Failure }
)

const silence: Failure = { kind: 'unreachable', said: 'no answer came' }
const wrongName: Failure = {
  kind: 'gone',
  said: 'the target group does not exist: mend TARGET_GROUP_ARNS, or leave it out',
}
/** A process that was frozen wakes with old answers: decide only by looks begun within this time. */
export const freshMs = 15_000

export function standingOf(
  group: GroupProgress,
  progress: Progress,
  hook: Hook,
  now: number,
  limits: Limits,
): Standing {
  const clear = clearOf(group, progress, hook, now, limits)
  const fallbackAtMs = fallbackAt(group, progress, hook, limits)
  const shownAtMs = group.truth?.askedAtMs ?? -Infinity
  const isByTime = clear?.provenFromMs === -Infinity
  const freshUntilMs = isByTime ? Infinity : shownAtMs + freshMs
  const isClear = clear && clear.atMs <= now && shownAtMs >= clear.provenFromMs
  const isLost = isClear ? freshUntilMs <= now && group.failure : isBlind(group)
  const base = { group, clear, fallbackAtMs }
  if (isLost && now >= fallbackAtMs) {
    return { ...base, kind: 'unknown', because: group.failure?.last ?? whyBlind(group) }
  }
  return isClear ? { ...base, kind: 'clear', clear, freshUntilMs } : { ...base, kind: 'holds' }
}

/** Until when a group is waited for while looks at it fail. A target that was seen to drain gets its whole time. */
function fallbackAt(group: GroupProgress, progress: Progress, hook: Hook, limits: Limits): number {
  const askedFromMs = firstLookOf(hook, group, progress, limits)
  const atMs = fallbackOf(hook, progress, { failure: group.failure, askedFromMs }, limits)
  const drains = group.targets.filter(({ phase }) => phase.kind === 'draining')
  const ends = drains.map((target) =>
    limits.releaseWhen === 'settled'
      ? leftServiceBy(target, group) + settleOfGroup(group, limits)
      : (endOf(target, group, progress)?.latestMs ?? Infinity),
  )
  return Math.max(atMs, ...ends)
}

/** Seen on its way out, or, when that was quick, only seen to have gone. */
export function wasDeregistered({ drainingAtMs, sighting }: TargetProgress): boolean {
  return drainingAtMs !== undefined || sighting.reason === 'Target.NotRegistered'
}

/**
 * Whether too little is known to go on without an answer: nothing at all; a single absence, which may be a
 * registration in flight; or a target that was seen to leave, when looks have failed since.
 */
function isBlind(group: GroupProgress): boolean {
  const { truth, targets, failure } = group
  if (isOfNodes(group)) return false
  if (!truth || isWrongName(group)) return true
  return failure !== undefined && targets.every(wasDeregistered)
}

function isWrongName({ claim, truth, targets }: GroupProgress): boolean {
  return claim === 'named' && truth?.about === 'no-group' && targets.length === 0
}

function whyBlind(group: GroupProgress): Failure {
  return isWrongName(group) ? wrongName : silence
}
