import type { ServerResponse } from 'node:http'

/** Resolves at the end that a hook waits for; never, when its caller has hung up before. */
export type Hold = (end: Promise<unknown>, caller: ServerResponse) => Promise<void>

/**
 * Keeps those who wait for an end, and forgets those who hang up. A promise forgets nobody who waits for
 * it: a hundred thousand hooks whose callers do not wait would be kept to the end of the drain.
 */
export function createHold(): Hold {
  const waiting = new WeakMap<Promise<unknown>, Set<() => void>>()

  function waitingFor(end: Promise<unknown>): Set<() => void> {
    const known = waiting.get(end)
    if (known) return known
    const those = new Set<() => void>()
    waiting.set(end, those)
    const answer = () => {
      // A later hook with this end is answered at once.
      waiting.delete(end)
      for (const resolve of those) resolve()
    }
    end.then(answer, answer)
    return those
  }

  return (end, caller) =>
    new Promise((resolve) => {
      const those = waitingFor(end)
      those.add(resolve)
      caller.once('close', () => those.delete(resolve))
    })
}
