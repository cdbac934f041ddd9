import type { Failure } from '../ports.ts'

/** Questions that failed, one after the other. */
export interface Failures {
  readonly last: Failure
  readonly inARow: number
  /**
   * Since when the API has not answered: from the first question that failed; or, if there never was an answer,
   * from when it was to be asked. A throttled call is an answer.
   */
  readonly outageAtMs: number
}

/**
 * One more of them.
 *
 * @param fromMs Since when there has been no answer, if there was none before.
 */
export function failedAgain(before: Failures | undefined, last: Failure, fromMs: number): Failures {
  const goesOn = before !== undefined && before.last.kind !== 'throttled'
  return {
    last,
    inARow: (before?.inARow ?? 0) + 1,
    outageAtMs: goesOn ? before.outageAtMs : fromMs,
  }
}
