import type { Clock } from './clock.ts'

/**
 * Does some work, and gives up on it after `limitMs`: the work's signal aborts, and what it comes to
 * then is of no interest.
 *
 * @throws What the work throws; a `TimeoutError` when the time is over.
 */
export async function within<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const done = new AbortController()
  const bounded = AbortSignal.any([signal, done.signal])
  const late = clock.sleepUntil(clock.now() + limitMs, bounded).then(() => {
    const name = 'TimeoutError'
    throw Object.assign(new Error(`nothing within ${limitMs / 1_000} s`), { name })
  })
  try {
    return await Promise.race([work(bounded), late])
  } finally {
    // With a reason: without one each abort makes an error, with its stack.
    done.abort('done')
  }
}
