import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/time/clock.ts'

/** A clock that stands still until it is set forward. */
export interface HandSetClock extends Clock {
  /** Sets it forward, stopping at every time that somebody waits for. */
  advance(ms: number): Promise<void>
}

/** A clock at 0. */
export function createHandSetClock(): HandSetClock {
  let nowMs = 0
  const sleepers = new Map<() => void, number>()

  function wakeNext(limitMs: number): boolean {
    const next = [...sleepers].sort(([, a], [, b]) => a - b)[0]
    if (next === undefined || next[1] > limitMs) return false
    nowMs = Math.max(nowMs, next[1])
    next[0]()
    return true
  }

  return {
    now: () => nowMs,
    sleepUntil: (at, signal) =>
      new Promise((resolve) => {
        if (signal.aborted || at <= nowMs) return resolve()
        const wake = () => {
          sleepers.delete(wake)
          resolve()
        }
        sleepers.set(wake, at)
        signal.addEventListener('abort', wake, { once: true })
      }),
    async advance(ms) {
      const untilMs = nowMs + ms
      await setImmediate()
      while (wakeNext(untilMs)) await setImmediate()
      nowMs = untilMs
      await setImmediate()
    },
  }
}
