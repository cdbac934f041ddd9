/**
 * When the next call to an account and Region may begin. All `Describe*` calls of an account and Region draw on
 * one bucket: 40 tokens, and 10 more each second. The controller that has to deregister the pods takes about
 * two of those, so calls are evenly spaced, never a burst. The API's own word is the best measure of what is
 * left: throttled, the rate is halved, and comes back step by step; where nothing was throttled for a while it
 * may go beyond what it began with.
 */
export interface Budget {
  /** The earliest moment of the next call, in monotonic milliseconds. */
  nextMs(): number
  /** A call begins. */
  spend(now: number): void
  /** A call was throttled. */
  throttled(now: number): void
  /** Calls a second, as it stands. */
  perSecond(): number
}

export interface BudgetDeps {
  /** Calls a second, to begin with. */
  readonly perSecond: number
  /** How many share it: each takes its part. */
  readonly sharers: () => number
}

/** Of the 10 that AWS refills, two are the controller's. */
const mostPerSecond = 8
/** Below this nobody would be answered at all. */
const leastPerSecond = 0.5
/** How long after a change of the rate the next step may come. */
const stepMs = 5_000
/** For how long nothing may have been throttled before the rate goes beyond what it began with. */
const quietMs = 30_000
/** Calls that were under way together are throttled together: that halves the rate once. */
const togetherMs = 1_000

export function createBudget({ perSecond, sharers }: BudgetDeps): Budget {
  const most = Math.max(mostPerSecond, perSecond)
  let rate = perSecond
  let nextMs = -Infinity
  let throttledMs = -Infinity
  let firstMs: number | undefined
  let changedMs = -Infinity

  function recover(now: number): void {
    firstMs ??= now
    const isQuiet = now - Math.max(throttledMs, firstMs) >= quietMs
    const roof = isQuiet ? most : Math.max(rate, perSecond)
    if (rate >= roof || now - changedMs < stepMs) return
    rate = Math.min(roof, rate + perSecond / 10)
    changedMs = now
  }

  return {
    nextMs: () => nextMs,
    spend(now) {
      recover(now)
      nextMs = Math.max(now, nextMs) + (1_000 * Math.max(1, sharers())) / rate
    },
    throttled(now) {
      if (now - throttledMs >= togetherMs) rate = Math.max(leastPerSecond, rate / 2)
      throttledMs = now
      changedMs = now
    },
    perSecond: () => rate / Math.max(1, sharers()),
  }
}
