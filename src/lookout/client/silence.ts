import type { Failure, Seen } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'

export interface SilenceDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly fallbackMs: number
  /** Drawn once, from 0 to 1: pods that lose their lookout together should not ask AWS together. */
  readonly spread: number
  /** How many calls a second all pods may make together that look for themselves. */
  readonly callsPerSecond: number
}

const headStartMs = 2_000
const lastStartMs = 12_000
/** After a look of its own that was throttled: for as long the controller goes first. */
const throttledMs = 20_000
const longestPauseMs = 120_000

interface Silence {
  /** When the pod may ask AWS itself. */
  readonly ownAtMs: number
  /** How many looks of its own were throttled, one after the other; undefined before the first. */
  readonly throttled?: number
}

/**
 * About which groups no lookout has answered, and when the pod asks AWS itself, if it may: for the first time
 * after the time in which sidecars without a lookout spread their first looks, for thousands lose it at the same
 * moment; and then with the pauses of those (drain/questions/fleet.ts). Meanwhile lookouts are asked on.
 */
export function createSilence({ clock, fallbackMs, spread, callsPerSecond }: SilenceDeps) {
  const silences = new Map<string, Silence>()
  const lastMs = Math.max(headStartMs, Math.min(lastStartMs, fallbackMs / 3))
  const firstMs = headStartMs + (lastMs - headStartMs) * spread

  const isOwnTurn = (group: string) => clock.now() >= (silences.get(group)?.ownAtMs ?? Infinity)
  return {
    of: (group: string) => silences.has(group),
    isOwnTurn,
    /** Whether it has looked itself since. */
    looksItself: (group: string) => silences.get(group)?.throttled !== undefined,
    /** A lookout has answered, or none: what was lost. */
    heard(group: string, sentAtMs: number, lost: Failure | undefined): 'own-turn' | 'wait' {
      if (!lost) silences.delete(group)
      else if (!silences.has(group)) silences.set(group, { ownAtMs: sentAtMs + firstMs })
      return isOwnTurn(group) ? 'own-turn' : 'wait'
    },
    /** The pod has looked itself. */
    looked(group: string, own: Seen | Failure): void {
      const before = silences.get(group)
      if (!before) return
      const throttled = own.kind === 'throttled' ? (before.throttled ?? 0) + 1 : 0
      const others = own.kind === 'seen' ? own.othersDraining : 0
      const shareMs = (1_000 * (1 + others)) / callsPerSecond
      const backMs = throttledMs * 2 ** (throttled - 1) * (0.5 + spread)
      const pauseMs = Math.min(throttled > 0 ? backMs : shareMs, longestPauseMs)
      silences.set(group, { throttled, ownAtMs: clock.now() + pauseMs })
    },
  }
}
