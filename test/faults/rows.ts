import type { Test } from 'tap'
import * as answers from './answers.ts'
import * as calls from './calls.ts'
import * as signals from './signals.ts'

/** One fault: what happens, what must come out and by when, and how it is played. */
export interface Row {
  readonly fault: string
  readonly comesOut: string
  readonly byWhen: string
  readonly play: (t: Test) => Promise<void>
}

/** The fault matrix. */
export const rows: readonly Row[] = [...answers.rows, ...calls.rows, ...signals.rows]

/** The matrix as a Markdown table. */
export function faultsTable(): string {
  const lines = rows.map(({ fault, comesOut, byWhen }) => `| ${fault} | ${comesOut} | ${byWhen} |`)
  return ['| what happens | what comes out | by when |', '|---|---|---|', ...lines].join('\n')
}
