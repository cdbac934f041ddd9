import type { Hook } from '../judgement/limits.ts'
import type { DrainEnd } from '../judgement/outcome.ts'

/**
 * The hooks of a drain, in the order in which they came: in that order they are released, for all that bounds
 * them is counted from when they came.
 */
export interface Queue {
  /** Resolves when the hook is released: the same promise for those who come together. */
  join(now: number): Promise<DrainEnd>
  /** The one that is the next to be released. */
  first(): Hook | undefined
  /** The one that came last. */
  last(): Hook | undefined
  /** Releases the first, and whoever came with it: so many. */
  release(end: DrainEnd): number
  /** How many are held, and how many have come. */
  held(): number
  came(): number
  /** The latest release. */
  latest(): DrainEnd | undefined
}

/** Those who come within this time are held as one: a flood of hooks costs no more decisions than that. */
const togetherMs = 100

interface Held {
  readonly hook: Hook
  readonly end: Promise<DrainEnd>
  readonly tell: (end: DrainEnd) => void
  /** How many came together. */
  count: number
}

export function createQueue(): Queue {
  const waiting: Held[] = []
  let came = 0
  let latest: DrainEnd | undefined
  return {
    join(now) {
      came += 1
      const last = waiting.at(-1)
      if (last && now - last.hook.arrivedAtMs < togetherMs) {
        last.count += 1
        return last.end
      }
      const { promise: end, resolve: tell } = Promise.withResolvers<DrainEnd>()
      waiting.push({ hook: { arrivedAtMs: now }, end, tell, count: 1 })
      return end
    },
    first: () => waiting[0]?.hook,
    last: () => waiting.at(-1)?.hook,
    release(end) {
      latest = end
      const first = waiting.shift()
      first?.tell(end)
      return first?.count ?? 0
    },
    held: () => waiting.reduce((sum, { count }) => sum + count, 0),
    came: () => came,
    latest: () => latest,
  }
}
