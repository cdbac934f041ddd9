import type { Clear } from './clear.ts'
import { endOf } from './end.ts'
import { fleetGapMs, overdueMs, registeredGapMs, throttledPauseMs } from './fleet.ts'
import type { Limits } from './limits.ts'
import type { View } from './ports.ts'
import type { Failures, GroupProgress } from './progress.ts'
import { viewOf } from './view.ts'

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
const closingMs = 900

/**
 * When and how to look next at a group that holds.
 *
 * @param clear When it will not hold any more, if what was seen last stays true.
 */
export function nextLook(
  group: GroupProgress,
  clear: Clear | undefined,
  { startedAtMs, deadlineMs }: { readonly startedAtMs: number; readonly deadlineMs: number },
  limits: Limits,
): Look {
  const { attempt } = group
  if (!attempt) return lookAt(startedAtMs, group)
  const lastMs = attempt.answeredAtMs
  const times = { lastMs, heldMs: lastMs - startedAtMs, leftMs: deadlineMs - lastMs }
  const rhythm = {
    ...times,
    ...chanceOf(group, limits),
    gapMs: fleetGapMs(group, times.leftMs, limits),
    registeredMs: registeredGapMs(group, times.leftMs, limits),
  }
  const { atMs, pace } = after(rhythm, group, clear)
  return { group: group.group, view: viewOf(group, atMs), atMs, pace }
}

/** A look that does not wait. */
export function lookAt(atMs: number, group: GroupProgress): Look {
  return { group: group.group, view: viewOf(group, atMs), atMs, pace: 'first' }
}

type Next = Pick<Look, 'atMs' | 'pace'>

/** What the pace goes by, beside what was seen. */
interface Rhythm {
  /** When the last look was answered. */
  readonly lastMs: number
  /** How long the hook has been held by then. */
  readonly heldMs: number
  /** And how much longer it can be. */
  readonly leftMs: number
  /** How long to leave between looks for the neighbours' sake; and as long as the pod still serves. */
  readonly gapMs: number
  readonly registeredMs: number
  /** 0 to 1, another for each look and pod. */
  readonly unit: number
  /** 0.75 to 1.25, likewise. */
  readonly jitter: number
}

function chanceOf(group: GroupProgress, limits: Limits): Pick<Rhythm, 'unit' | 'jitter'> {
  const looks = Object.values(group.answers).reduce((sum, count) => sum + count, 0)
  // The golden ratio spreads consecutive ones evenly.
  const unit = (limits.spread + looks * 0.618_034) % 1
  return { unit, jitter: 0.75 + unit / 2 }
}

function after(rhythm: Rhythm, group: GroupProgress, clear: Clear | undefined): Next {
  const { lastMs, heldMs, registeredMs, jitter } = rhythm
  const { failure, targets, attempt } = group
  if (failure) {
    const pausedMs = lastMs + pauseOf(group, failure, rhythm)
    // One look when the end is due, however long the pause has grown; one that fails is not repeated.
    const isDue = clear?.confirmed === 'by-look' && clear.atMs > (attempt?.askedAtMs ?? -Infinity)
    const dueMs = isDue ? Math.max(clear.atMs, lastMs + closingMs) : Infinity
    return { atMs: Math.min(pausedMs, dueMs), pace: 'failing' }
  }
  if (clear) {
    const pace = targets.length === 0 ? 'confirming' : 'settling'
    const next: Next = { atMs: Math.max(lastMs, clear.atMs), pace }
    // The delay may be over before the connections have been idle for long enough, or the timer is.
    const drains = targets.some(({ phase }) => phase.kind === 'draining')
    const sooner = drains && clear.by !== 'settled' ? whileDraining(rhythm, group) : next
    return sooner.atMs < next.atMs ? sooner : next
  }
  if (targets.some(({ phase }) => phase.kind === 'registered')) {
    // Briskly at first, for most controllers deregister within seconds; then slower as it lasts.
    const briskGapMs = Math.min(Math.max(briskMs, heldMs / 15), slowestBriskMs)
    return { atMs: lastMs + Math.max(briskGapMs, registeredMs) * jitter, pace: 'brisk' }
  }
  return whileDraining(rhythm, group)
}

function whileDraining(
  { lastMs, heldMs, gapMs, unit, jitter }: Rhythm,
  group: GroupProgress,
): Next {
  const ends = group.targets.flatMap((target) => {
    const end = target.phase.kind === 'draining' ? endOf(target, group) : undefined
    return end ? [end] : []
  })
  // Every target must be gone: the one that ends last is the one to wake for.
  const latestMs = Math.max(...ends.map((end) => end.latestMs))
  // One that may have been deregistered before the hook came is worth a look now and then, but not in
  // a crowd.
  const crowdMs =
    gapMs > overdueMs ? lastMs - heldMs + (group.facts.deregistrationDelayMs ?? 0) : -Infinity
  const earliestMs = Math.max(crowdMs, ...ends.map((end) => end.earliestMs))
  if (ends.length === 0 || lastMs > latestMs + overdueMs) {
    return { atMs: lastMs + Math.max(steadyMs, gapMs) * jitter, pace: 'steady' }
  }
  // Those who were deregistered together do not all look at once when the delay is over.
  const spreadMs = Math.min(gapMs, latestMs - earliestMs)
  const wakeMs = earliestMs + (gapMs > closingMs ? spreadMs * unit : 0)
  if (lastMs + closingMs < wakeMs) return { atMs: wakeMs, pace: 'asleep' }
  // Far from the latest end there is no telling how near the end is: do not spend a look a second.
  const uncertainMs = Math.min(steadyMs, (latestMs - lastMs) / 10)
  const nextMs = Math.max(closingMs, uncertainMs, gapMs)
  return { atMs: lastMs + nextMs, pace: nextMs > closingMs ? 'steady' : 'closing' }
}

/** How long to leave the API alone after failures in a row, in milliseconds. */
function pauseOf(
  group: GroupProgress,
  { last, inARow }: Failures,
  { leftMs, unit, jitter }: Rhythm,
): number {
  if (last.kind === 'throttled') return throttledPauseMs(group, inARow, leftMs, unit)
  return Math.min(1_000 * 2 ** Math.min(inARow - 1, 10), 10_000) * jitter
}
