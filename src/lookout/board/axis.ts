import type { DrainView } from './view.ts'

/** The time axis that all drains share: from the first hook of each to `endMs`, with a line at each `tickMs`. */
export interface Axis {
  readonly endMs: number
  readonly tickMs: number
}

const [s, min] = [1_000, 60_000]
/** Ends that people read easily, and the step for each. */
const steps: readonly (readonly [endMs: number, tickMs: number])[] = [
  ...([
    [30 * s, 5 * s],
    [60 * s, 10 * s],
    [90 * s, 15 * s],
  ] as const),
  ...([
    [2 * min, 20 * s],
    [3 * min, 30 * s],
    [4 * min, min],
    [6 * min, min],
  ] as const),
  ...([
    [10 * min, 2 * min],
    [15 * min, 3 * min],
    [20 * min, 5 * min],
    [30 * min, 5 * min],
  ] as const),
]

/** One that has room for what was held and for the ends that are expected. A deadline may lie beyond it. */
export function axisOf(spansMs: readonly number[]): Axis {
  const longestMs = spansMs.reduce((most, ms) => Math.max(most, ms), 0)
  const [endMs, tickMs] = steps.find(([endMs]) => endMs >= longestMs) ?? hoursFor(longestMs)
  return { endMs, tickMs }
}

function hoursFor(longestMs: number): readonly [number, number] {
  const hours = Math.ceil(longestMs / (60 * min))
  return [hours * 60 * min, hours * 10 * min]
}

/** How much of the axis a drain needs that began so long ago. */
export function spanOf({ endedMs, expectedMs, deadlineMs }: DrainView, agoMs: number): number {
  // Where no end is expected, its time shows; but one of an hour must not flatten all the others.
  return endedMs ?? Math.max(agoMs, expectedMs ?? Math.min(deadlineMs, agoMs + 30 * s))
}

/** Where on the axis a moment is, in percent. */
export function percentOf(ms: number, { endMs }: Axis): number {
  return Math.min(100, Math.max(0, (ms / endMs) * 100))
}
