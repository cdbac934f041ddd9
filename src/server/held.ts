import type { ServerResponse } from 'node:http'

/** Resolves at the end that a hook waits for; never, when its caller has hung up before. */
export type Hold<E> = (end: Promise<E>, caller: ServerResponse) => Promise<E>

/**
 * Keeps those who wait for an end, and forgets those who hang up. A promise forgets nobody who waits for
 * it: a hundred thousand hooks whose callers do not wait would be kept to the end of the drain.
 */
export function createHold<E>(): Hold<E> {
  const waiting = new WeakMap<Promise<E>, Set<(end: E) => void>>()

  function waitingFor(end: Promise<E>): Set<(end: E) => void> {
    const known = waiting.get(end)
    if (known) return known
    const those = new Set<(end: E) => void>()
    waiting.set(end, those)
    void end.then((came) => {
      // A later hook with this end is answered at once.
      waiting.delete(end)
      for (const resolve of those) resolve(came)
    })
    return those
  }

  return (end, caller) =>
    new Promise((resolve) => {
      const those = waitingFor(end)
      those.add(resolve)
      caller.once('close', () => those.delete(resolve))
    })
}
