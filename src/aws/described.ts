import type { Described, Failure } from '../drain/ports.ts'
import type { GroupFacts } from '../drain/target.ts'

/** What the answers to several questions about one group make together. */
export function describedBy(answers: readonly (GroupFacts | Failure)[]): Described {
  const missing = answers.filter((answer): answer is Failure => 'kind' in answer)
  const facts = answers.filter((answer): answer is GroupFacts => !('kind' in answer))
  return { kind: 'described', facts: Object.assign({}, ...facts), missing }
}
