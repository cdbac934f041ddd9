import type { Failure } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'

export interface SilenceDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly fallbackMs: number
  /** Drawn once, from 0 to 1: pods that lose their lookout together should not ask AWS together. */
  readonly spread: number
}

const headStartMs = 2_000
const lastStartMs = 12_000

/**
 * Since when no lookout has answered about each group. Those who may ask AWS themselves do so after the time in which
 * sidecars without a lookout spread their first looks: thousands lose it at the same moment.
 */
export function createSilence({ clock, fallbackMs, spread }: SilenceDeps) {
  const sinceMs = new Map<string, number>()
  const ownMs = Math.min(headStartMs + (lastStartMs - headStartMs) * spread, fallbackMs / 3)
  return {
    of: (group: string) => sinceMs.has(group),
    heard(group: string, sentAtMs: number, lost: Failure | undefined): 'own-turn' | 'wait' {
      if (!lost) sinceMs.delete(group)
      else if (!sinceMs.has(group)) sinceMs.set(group, sentAtMs)
      const fromMs = sinceMs.get(group) ?? Infinity
      return clock.now() - fromMs >= ownMs ? 'own-turn' : 'wait'
    },
  }
}
