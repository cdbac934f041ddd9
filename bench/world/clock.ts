import type { Clock } from '../../src/time/clock.ts'
import { createHeap } from './heap.ts'

/** Time that passes as fast as what happens in it can be worked out. */
export interface WorldClock extends Clock {
  sleep(ms: number): Promise<void>
  /**
   * Lets time pass, sleeper by sleeper, until the promise settles.
   *
   * @throws When time would have to pass, but nobody sleeps.
   */
  runUntil<T>(promise: Promise<T>): Promise<T>
}

interface Sleeper {
  readonly atMs: number
  readonly nth: number
  wake: (() => void) | undefined
}

/** After so many the event loop has its turn, and with it signals and output. */
const turnsInARow = 1_000

/** A clock at 0. Those who wake at the same instant wake in the order in which they fell asleep. */
export function createWorldClock(): WorldClock {
  const sleepers = createHeap<Sleeper>((a, b) =>
    a.atMs === b.atMs ? a.nth < b.nth : a.atMs < b.atMs,
  )
  let nowMs = 0
  let nth = 0

  function sleepUntil(atMs: number, signal?: AbortSignal): Promise<void> {
    if (atMs <= nowMs || signal?.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const sleeper: Sleeper = {
        atMs,
        nth: nth++,
        wake() {
          // Who was woken early stays in the heap, and is passed over when the time comes.
          sleeper.wake = undefined
          signal?.removeEventListener('abort', early)
          resolve()
        },
      }
      const early = () => sleeper.wake?.()
      signal?.addEventListener('abort', early)
      sleepers.push(sleeper)
    })
  }

  function wakeNext(): boolean {
    for (let next = sleepers.pop(); next; next = sleepers.pop()) {
      if (!next.wake) continue
      nowMs = next.atMs
      next.wake()
      return true
    }
    return false
  }

  return {
    now: () => nowMs,
    sleepUntil,
    sleep: (ms) => sleepUntil(nowMs + ms),
    runUntil: (promise) =>
      new Promise((resolve, reject) => {
        let isSettled = false
        const settle = () => {
          isSettled = true
        }
        promise.then(settle, settle)
        let turns = 0
        const turn = () => {
          turns += 1
          if (isSettled) resolve(promise)
          else if (!wakeNext()) reject(new Error('nobody sleeps'))
          else if (turns % turnsInARow === 0) setImmediate(turn)
          else queueMicrotask(rest)
        }
        // Whatever was set going has to come to rest before time moves on: a tick that a microtask
        // asked for comes when no microtask is left. A turn of the event loop for each, which would do
        // as well, is a system call, and took as long as all the rest.
        const rest = () => process.nextTick(turn)
        setImmediate(turn)
      }),
  }
}
