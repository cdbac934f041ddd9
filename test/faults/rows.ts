import type { Test } from 'tap'
import * as answers from './answers.ts'
import * as calls from './calls.ts'
import * as lookoutAnswers from './lookout/answers.ts'
import * as away from './lookout/away.ts'
import * as outside from './lookout/outside.ts'
import * as tokens from './lookout/tokens.ts'
import * as signals from './signals.ts'

/** One fault: what happens, what must come out and by when, and how it is played. */
export interface Row {
  readonly fault: string
  readonly comesOut: string
  readonly byWhen: string
  readonly play: (t: Test) => Promise<void>
}

/** The fault matrix of a sidecar that looks for itself. */
export const rows: readonly Row[] = [...answers.rows, ...calls.rows, ...signals.rows]

/** The same of those that ask a lookout. */
const lookoutRows: readonly Row[] = [
  ...away.rows,
  ...lookoutAnswers.rows,
  ...tokens.rows,
  ...outside.rows,
]

/** The matrix as Markdown tables. */
export function faultsTable(): string {
  return [
    '## Looking for itself',
    tableOf(rows),
    '## With a lookout',
    aboutLookouts,
    tableOf(lookoutRows),
  ].join('\n\n')
}

const aboutLookouts = `A rolling update under load, with two lookouts as processes (\`test/faults/lookout/\`). The pods have no way to AWS or to
the API server, but for the row that says so. In none of these a request fails on a pod that leaves, and none outlives its
grace period. "In the middle" is when the pod has been seen to drain, and its delay is known.`

function tableOf(all: readonly Row[]): string {
  const lines = all.map(({ fault, comesOut, byWhen }) => `| ${fault} | ${comesOut} | ${byWhen} |`)
  return ['| what happens | what comes out | by when |', '|---|---|---|', ...lines].join('\n')
}
