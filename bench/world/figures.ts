/** What a set of numbers comes to; all NaN when there are none. */
export interface Figures {
  readonly mean: number
  readonly min: number
  readonly p50: number
  readonly p99: number
  readonly max: number
}

export function figuresOf(numbers: readonly number[]): Figures {
  const sorted = Float64Array.from(numbers).sort()
  // The nearest rank: a number that was really measured.
  const at = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN
  const sum = sorted.reduce((total, number) => total + number, 0)
  return { mean: sum / sorted.length, min: at(0), p50: at(0.5), p99: at(0.99), max: at(1) }
}
