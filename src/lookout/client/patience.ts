import type { Failure } from '../../drain/ports.ts'
import { longestPatienceMs } from '../wire/questions.ts'

/** No drain falls back sooner than that. */
const leastMs = 5_000

/**
 * How long a question may wait at its lookout: an answer, and be it that there was no turn, has to come well before its
 * drain takes it for silence. Milliseconds.
 */
export function patienceWithin(fallbackMs: number): number {
  return Math.min(longestPatienceMs, (Math.max(fallbackMs, leastMs) * 2) / 3)
}

/** Another lookout may have a way to AWS that this one has not; or the pod itself. */
export function lostIn(answers: readonly { kind: string }[]): Failure | undefined {
  const isLost = (answer: { kind: string }): answer is Failure =>
    answer.kind === 'unreachable' || answer.kind === 'denied'
  return answers.find(isLost)
}
