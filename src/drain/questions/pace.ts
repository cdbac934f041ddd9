import { type Clear, isDeleted } from '../judgement/clear.ts'
import { endOf } from '../judgement/end.ts'
import {
  deadlineOf,
  firstLookOf,
  type Hook,
  isLookedFor,
  type Limits,
  lookByOf,
  lookMs,
  settleOfGroup,
} from '../judgement/limits.ts'
import { freshMs } from '../judgement/standing.ts'
import { type GroupProgress, isIn, type Progress } from '../knowledge/progress.ts'
import { whileFailing } from './failing.ts'
import { chanceOf, shareMs } from './fleet.ts'
import { closingMs, type Look, type Next, type Rhythm } from './rhythm.ts'

const briskMs = 2_000
const slowestBriskMs = 10_000

/**
 * When to look next at a group that holds a hook.
 *
 * @param clear When it will not hold any more, if what was seen last stays true.
 */
export function nextLook(
  group: GroupProgress,
  clear: Clear | undefined,
  progress: Progress,
  hook: Hook,
  limits: Limits,
): Look {
  const { attempt, failure } = group
  if (!attempt) {
    return { group: group.group, atMs: firstLookOf(hook, group, progress, limits), pace: 'first' }
  }
  const rhythm: Rhythm = {
    ...chanceOf(group, limits),
    lastMs: attempt.answeredAtMs,
    shareMs: shareMs(group, limits),
    byMs: lookByOf(hook, group, progress, limits),
  }
  const next = failure
    ? whileFailing(rhythm, group, failure, clear, progress, limits)
    : isIn(group, 'registered')
      ? whileRegistered(rhythm, group, limits)
      : whileLeaving(rhythm, group, clear, progress, limits)
  // At the deadline only what is fresh tells that a pod has settled which may come back.
  const lastMs = deadlineOf(hook, progress, limits) - lookMs
  const isOld = !isDeleted(progress) && attempt.answeredAtMs < lastMs - freshMs / 2
  const isWanted = isOld && isIn(group, 'draining') && !failure
  return {
    ...{ group: group.group, pace: next.pace },
    atMs: isWanted ? Math.min(next.atMs, lastMs) : next.atMs,
  }
}

/**
 * Briskly at first, for most controllers deregister within seconds; then slower as it lasts, or as more
 * others drain; once more in time to settle; and then not at all, for it will be the deadline.
 */
function whileRegistered(
  { lastMs, shareMs, byMs, jitter }: Rhythm,
  group: GroupProgress,
  limits: Limits,
): Next {
  const slowestMs = isLookedFor(limits) ? briskMs : slowestBriskMs
  const lastingMs = Math.min(briskMs * 1.6 ** (group.answers.seen - 1), slowestMs)
  const atMs = lastMs + Math.max(lastingMs, shareMs) * jitter
  const inTimeMs = Math.min(atMs, Math.max(byMs, lastMs + closingMs))
  return { atMs: lastMs < byMs ? inTimeMs : Infinity, pace: 'brisk' }
}

function whileLeaving(
  rhythm: Rhythm,
  group: GroupProgress,
  clear: Clear | undefined,
  progress: Progress,
  limits: Limits,
): Next {
  const due = clear && whenClear(rhythm, group, clear)
  // The delay may be over before the connections have been idle for long enough.
  if (due && (!isIn(group, 'draining') || clear.by === 'settled')) return due
  const next = whileDraining(rhythm, group, progress, limits)
  return due && due.atMs <= next.atMs ? due : next
}

/** What time alone proves needs no look. */
function whenClear({ lastMs }: Rhythm, { targets }: GroupProgress, clear: Clear): Next {
  const atMs = clear.provenFromMs === -Infinity ? Infinity : Math.max(lastMs, clear.atMs)
  return { atMs, pace: targets.length === 0 ? 'confirming' : 'settling' }
}

function whileDraining(
  { lastMs, shareMs, unit }: Rhythm,
  group: GroupProgress,
  progress: Progress,
  limits: Limits,
): Next {
  const draining = group.targets.filter(({ phase }) => phase.kind === 'draining')
  const sinceMs = Math.max(...draining.map(({ drainingAtMs }) => drainingAtMs ?? -Infinity))
  const ends = draining.flatMap((target) => endOf(target, group, progress) ?? [])
  // Every target must be gone, and have settled: the one that ends last is the one to wake for. One whose delay
  // is no shorter than the settle time has settled when it is gone.
  const settleMs = settleOfGroup(group, limits)
  const isSettledByThen = (group.facts.deregistrationDelayMs ?? 0) >= settleMs
  const settledMs = isSettledByThen ? -Infinity : sinceMs + settleMs
  const earliestMs = Math.max(settledMs, ...ends.map((end) => end.earliestMs))
  const latestMs = Math.max(...ends.map((end) => end.latestMs))
  const gapMs = Math.max(closingMs, shareMs)
  // Of those who were deregistered together not all look at once when the delay is over.
  const wakeMs = earliestMs + (gapMs > closingMs ? gapMs * unit : 0)
  if (lastMs + closingMs < wakeMs) return { atMs: wakeMs, pace: 'asleep' }
  const unknownMs = lastMs < latestMs ? latestMs - earliestMs : lastMs - Math.max(sinceMs, latestMs)
  const nextMs = Math.max(gapMs, unknownMs * uncertain)
  return { atMs: lastMs + nextMs, pace: ends.length > 0 ? 'closing' : 'steady' }
}

/**
 * How late the end may be noticed, as a share of what is not known: of the time between the earliest and
 * the latest end; where the delay is not known, of the time that it has drained; where it is over, of the
 * time since.
 */
const uncertain = 0.09
