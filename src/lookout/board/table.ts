import { inOrder, isOver, nameOf } from './order.ts'
import type { BoardView, DrainView } from './view.ts'
import { complaintOf, durationOf, phaseWords, standWords } from './words.ts'

const head = ['POD', 'PHASE', 'HELD', 'EXPECTED', 'DEADLINE', 'OUTCOME', 'WHY']

/** The drains as a table for a terminal. */
export function drainsTable({ drains }: BoardView): string {
  if (drains.length === 0) return 'no pod drains, and none has in the last 15 minutes\n'
  const placed = drains.map((view) => ({ view, startedAtMs: -view.startedAgoMs }))
  const rows = [head, ...placed.sort(inOrder).map(({ view }) => cellsOf(view))]
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => `${lineOf(row, widths)}\n`).join('')
}

function lineOf(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('   ')
    .trimEnd()
}

function cellsOf(view: DrainView): string[] {
  const { startedAgoMs: agoMs, endedMs, expectedMs, deadlineMs, phases } = view
  const inWords = (atMs: number) => (atMs > agoMs ? `in ${durationOf(atMs - agoMs)}` : 'now')
  return [
    nameOf(view),
    phaseWords[phases.at(-1)?.phase ?? 'unknown'],
    durationOf(endedMs ?? agoMs),
    isOver(view) || expectedMs === undefined ? '-' : inWords(expectedMs),
    isOver(view) ? '-' : inWords(deadlineMs),
    isOver(view) ? standWords(view) : '-',
    complaintOf(view) ?? '',
  ]
}
