/** AWS's limit for all Describe calls of one account in one Region together. */
export const describeBucket: BucketSize = { capacity: 40, perSecond: 10 }

export interface BucketSize {
  /** Tokens when full, which is how it starts. */
  capacity: number
  perSecond: number
}

/** Takes one token; `false` when there is none. `now` is in milliseconds. */
export function createBucket({ capacity, perSecond }: BucketSize, now: () => number) {
  // In thousandths, so that whole milliseconds add up to whole tokens exactly.
  let level = capacity * 1000
  let atMs = now()
  return function take(): boolean {
    const nowMs = now()
    level = Math.min(capacity * 1000, level + (nowMs - atMs) * perSecond)
    atMs = nowMs
    if (level < 1000) return false
    level -= 1000
    return true
  }
}
