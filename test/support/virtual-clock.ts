import { setImmediate } from 'node:timers/promises'
import type { Clock } from '../../src/time/clock.ts'

export interface VirtualClock extends Clock {
  /**
   * Lets time pass, sleeper by sleeper, until `promise` settles.
   *
   * @throws When time would have to pass but nobody sleeps, or `limitMs` is reached.
   */
  runUntil<T>(promise: Promise<T>, limitMs?: number): Promise<T>
  /** Lets `ms` milliseconds pass, sleeper by sleeper. */
  advance(ms: number): Promise<void>
  /** Jumps ahead without waking anyone on the way: what a process sees that was frozen. */
  freeze(ms: number): Promise<void>
  /** How many sleep right now. */
  sleepers(): number
}

/** A clock that a test moves by hand. */
export function createVirtualClock(): VirtualClock {
  let now = 0
  const sleeping = new Map<symbol, { at: number; wake: () => void }>()

  const next = () => [...sleeping.values()].sort((a, b) => a.at - b.at)[0]

  async function wakeUpTo(limit: number): Promise<boolean> {
    // Whatever was set going has to come to rest before time moves on.
    await setImmediate()
    const first = next()
    if (!first || first.at > limit) return false
    now = Math.max(now, first.at)
    first.wake()
    return true
  }

  return {
    now: () => now,
    sleepUntil(at, signal) {
      if (at <= now || signal.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const key = Symbol()
        const wake = () => {
          sleeping.delete(key)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        signal.addEventListener('abort', wake)
        sleeping.set(key, { at, wake })
      })
    },
    async runUntil(promise, limitMs = 10 * 3_600_000) {
      let settled = false
      const settle = () => {
        settled = true
      }
      promise.then(settle, settle)
      await setImmediate()
      while (!settled) {
        if (!(await wakeUpTo(now + limitMs)) && !settled) throw new Error('nobody sleeps')
        await setImmediate()
      }
      return promise
    },
    async advance(ms) {
      const until = now + ms
      while (await wakeUpTo(until));
      now = until
      await setImmediate()
    },
    async freeze(ms) {
      now += ms
      while (await wakeUpTo(now));
      await setImmediate()
    },
    sleepers: () => sleeping.size,
  }
}
