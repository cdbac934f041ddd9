import type { View } from './ports.ts'
import type { GroupProgress, TargetProgress } from './progress.ts'
import type { Clear } from './standing.ts'

/** Why the next look comes when it comes. */
export type Pace =
  /** At once: nothing is known yet, or what is known has grown old. */
  | 'first'
  /** Every few seconds, until `draining` shows. */
  | 'brisk'
  /** At the earliest moment at which the deregistration delay can be over. */
  | 'asleep'
  /** About each second: the delay may be over at any moment. */
  | 'closing'
  /** Every ten seconds or so: the end cannot be foretold. */
  | 'steady'
  /** When the settle time is over. */
  | 'settling'
  /** Some seconds after the pod was not found. */
  | 'confirming'
  /** After a pause that grows: the last look failed. */
  | 'failing'

/** The next look at a group. */
export interface Look {
  readonly group: string
  readonly view: View
  readonly atMs: number
  readonly pace: Pace
}

const briskMs = 2_000
const slowestBriskMs = 10_000
const steadyMs = 10_000
const closingMs = 1_000
/** How long past the latest possible end a target may go on showing `draining` before it is odd. */
export const overdueMs = 10_000

/**
 * When and how to look next at a group that holds.
 *
 * @param clear When it will not hold any more, if what was seen last stays true.
 * @param spread This pod's place among its neighbours, 0 to 1: see `Limits`.
 */
export function nextLook(
  group: GroupProgress,
  clear: Clear | undefined,
  startedAtMs: number,
  spread: number,
): Look {
  const { attempt } = group
  if (!attempt) return lookAt(startedAtMs, group)
  const lastMs = attempt.answeredAtMs
  const jitter = jitterOf(group, spread)
  const { atMs, pace } = after(lastMs, group, clear, lastMs - startedAtMs, jitter)
  return { group: group.group, view: viewOf(group, atMs), atMs, pace }
}

/** A look that does not wait. */
export function lookAt(atMs: number, group: GroupProgress): Look {
  return { group: group.group, view: viewOf(group, atMs), atMs, pace: 'first' }
}

type Next = Pick<Look, 'atMs' | 'pace'>

function after(
  lastMs: number,
  group: GroupProgress,
  clear: Clear | undefined,
  heldMs: number,
  jitter: number,
): Next {
  if (group.failure) {
    const pausedMs = lastMs + pauseOf(group.failure, jitter)
    // One look when the end is due, however long the pause has grown; one that fails is not repeated.
    const askedMs = group.attempt?.askedAtMs ?? -Infinity
    const dueMs =
      clear && clear.atMs > askedMs ? Math.max(clear.atMs, lastMs + closingMs) : Infinity
    return { atMs: Math.min(pausedMs, dueMs), pace: 'failing' }
  }
  if (clear) {
    const pace = group.targets.length === 0 ? 'confirming' : 'settling'
    const next: Next = { atMs: Math.max(lastMs, clear.atMs), pace }
    // The delay may be over before the connections have been idle for long enough.
    const sooner = clear.by === 'idle' ? whileDraining(lastMs, group, jitter) : next
    return sooner.atMs < next.atMs ? sooner : next
  }
  if (group.targets.some(({ phase }) => phase.kind === 'registered')) {
    // Briskly at first, for most controllers deregister within seconds; then slower as it lasts.
    const gapMs = Math.min(Math.max(briskMs, heldMs / 15), slowestBriskMs)
    return { atMs: lastMs + gapMs * jitter, pace: 'brisk' }
  }
  return whileDraining(lastMs, group, jitter)
}

function whileDraining(lastMs: number, group: GroupProgress, jitter: number): Next {
  const ends = group.targets.flatMap((target) => {
    const end = target.phase.kind === 'draining' ? endOf(target, group) : undefined
    return end ? [end] : []
  })
  // Every target must be gone: the one that ends last is the one to wake for.
  const earliestMs = Math.max(...ends.map((end) => end.earliestMs))
  const latestMs = Math.max(...ends.map((end) => end.latestMs))
  if (ends.length === 0 || lastMs > latestMs + overdueMs) {
    return { atMs: lastMs + steadyMs * jitter, pace: 'steady' }
  }
  if (lastMs + closingMs < earliestMs) return { atMs: earliestMs, pace: 'asleep' }
  // Far from the latest end there is no telling how near the end is: do not spend a look a second.
  const gapMs = Math.max(closingMs, Math.min(steadyMs, (latestMs - lastMs) / 10))
  return { atMs: lastMs + gapMs, pace: gapMs > closingMs ? 'steady' : 'closing' }
}

/**
 * Between which two moments a draining target's delay ends. It was deregistered after it was last
 * found registered (or at any time before, when it never was) and before it first showed `draining`.
 * Undefined when the delay is not known.
 */
export function endOf(
  target: TargetProgress,
  { facts }: GroupProgress,
): { earliestMs: number; latestMs: number } | undefined {
  const delayMs = facts.deregistrationDelayMs
  if (delayMs === undefined || target.drainingAtMs === undefined) return undefined
  const sinceMs = target.registeredAtMs ?? target.drainingAtMs - delayMs
  return { earliestMs: sinceMs + delayMs, latestMs: target.drainingAtMs + delayMs }
}

function viewOf(group: GroupProgress, atMs: number): View {
  const listing = { kind: 'listing' } as const
  const { failure, targets } = group
  if (targets.length === 0 || group.truth?.about === 'no-group') return listing
  // A named look that is refused may name a wrong zone.
  if (failure?.last.kind === 'malformed') return listing
  for (const target of targets) {
    // Only a listing tells whether the group fails open, and so whether unhealthy targets are served.
    if (target.sighting.state === 'unhealthy') return listing
    // A target that is long overdue can be `draining` by name and absent from the listing.
    const end = target.phase.kind === 'draining' ? endOf(target, group) : undefined
    if (end && atMs > end.latestMs + overdueMs) return listing
  }
  return { kind: 'named', targets: targets.map(({ target }) => target) }
}

/** How long to leave the API alone after failures in a row, in milliseconds. */
function pauseOf({ last, inARow }: NonNullable<GroupProgress['failure']>, jitter: number): number {
  const doubled = 2 ** Math.min(inARow - 1, 10)
  // The bucket that ran dry is the whole account's, the controller's too: leave it room to refill.
  if (last.kind === 'throttled') return Math.min(2_000 * doubled, 30_000) * jitter
  return Math.min(1_000 * doubled, 10_000) * jitter
}

/** 0.75 to 1.25, another for each look and pod. The golden ratio spreads consecutive ones evenly. */
function jitterOf(group: GroupProgress, spread: number): number {
  const looks = Object.values(group.answers).reduce((sum, count) => sum + count, 0)
  return 0.75 + ((spread + looks * 0.618_034) % 1) / 2
}
