import { type Hook, type Limits, restartBoundOf } from '../judgement/limits.ts'
import type { GroupProgress, Progress } from '../knowledge/progress.ts'
import type { Look } from './rhythm.ts'

/** While the pod stays, one look at the beginning and one at the bound: it costs the API next to nothing. */
export function whileStaying(
  look: Look,
  group: GroupProgress,
  progress: Progress,
  hook: Hook,
  limits: Limits,
): Look {
  const { attempt } = group
  if (!attempt) return look
  const boundMs = restartBoundOf(hook, progress, limits)
  const restedMs = attempt.askedAtMs + Math.min(restMs, (limits.restartMs * 2) / 3)
  const atMs =
    attempt.askedAtMs < boundMs ? Math.max(boundMs, restedMs) : Math.max(look.atMs, restedMs)
  return { ...look, atMs }
}

/**
 * Who calls the hook again and again costs no more than a look in this time. A shorter bound has a shorter
 * one: the first look comes in its first third (`firstLookOf`), and the second is not to come after it.
 */
const restMs = 10_000
