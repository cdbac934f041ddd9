import type { Failure } from '../drain/ports.ts'
import type { Settings } from '../settings/settings.ts'
import { fail, ok, type Row, warn } from './row.ts'

/**
 * Whether the lookouts answer the pod.
 *
 * @param answers Of each of them, by its address.
 */
export function lookoutRows(
  answers: ReadonlyMap<string, Failure | 'answers'>,
  { LOOKOUT_ELSE }: Settings,
): Row[] {
  const isAnswered = [...answers.values()].includes('answers')
  // One that is away costs nothing as long as there is another; or a way of one's own.
  const lost = isAnswered || LOOKOUT_ELSE === 'self' ? warn : fail
  return [...answers].map(([name, answer]) =>
    answer === 'answers' ? ok('lookout', `${name} answers`) : lost('lookout', answer.said),
  )
}
