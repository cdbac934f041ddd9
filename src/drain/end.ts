import type { GroupProgress, TargetProgress } from './progress.ts'

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
