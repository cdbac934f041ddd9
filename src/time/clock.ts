/**
 * Time as the rest of the program sees it, so that a test can hand in its own. Every number is in
 * milliseconds.
 */
export interface Clock {
  /** A monotonic reading: a wall clock that is set back or forth must not move a deadline. */
  now(): number
  /** Resolves once `now()` has reached `at`, or as soon as `signal` aborts. It never rejects. */
  sleepUntil(at: number, signal: AbortSignal): Promise<void>
}

// A timer set further ahead than this fires at once (Node.js keeps delays in 31 bits).
const longestTimerMs = 2 ** 31 - 1

/** The time of day, as Kubernetes writes it. It may jump: never wait by it. */
export type WallClock = () => string

export const wallDate = () => new Date()

export const wallClock: WallClock = () => wallDate().toISOString()

/** The real clock: the only reader of the machine's time in the program. */
export const clock: Clock = {
  now: () => performance.now(),
  sleepUntil: (at, signal) =>
    new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined
      // Without timers/promises: it makes an error, with its stack, for each sleeper that is woken.
      function wake(): void {
        clearTimeout(timer)
        signal.removeEventListener('abort', wake)
        resolve()
      }
      // Timers may fire up to a millisecond early by this clock: sleep again for what is left.
      function sleep(): void {
        const leftMs = at - clock.now()
        if (leftMs <= 0 || signal.aborted) wake()
        else timer = setTimeout(sleep, Math.min(Math.ceil(leftMs), longestTimerMs))
      }
      signal.addEventListener('abort', wake)
      sleep()
    }),
}
