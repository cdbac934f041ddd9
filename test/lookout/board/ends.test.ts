import t from 'tap'
import { createBoard } from '../../../src/lookout/board/board.ts'
import { countEnds, noEnds } from '../../../src/lookout/board/ends.ts'
import { podId, told } from '../../support/board/drains.ts'

const s = 1_000

function scene() {
  const time = { nowMs: 0 }
  const board = createBoard({ clock: { now: () => time.nowMs } })
  return { board, time, ends: countEnds(board) }
}
const released = (outcome: string, severity: 'normal' | 'warning', heldMs = 0) =>
  told({ state: 'released', phase: 'gone', outcome, severity, heldMs })

t.test('each drain is counted once, by how it ended', async (t) => {
  const { board, time, ends } = scene()
  t.strictSame(ends(), noEnds)
  for (const nth of [1, 2, 3]) board.put(podId(nth), told({ deadlineInMs: 100 * s }))
  t.equal(ends().running, 3)
  time.nowMs = 10 * s
  board.put(podId(1), released('deregistered', 'normal', 10 * s))
  board.put(podId(1), released('deregistered', 'normal', 10 * s))
  board.put(podId(2), released('fallback', 'warning', 10 * s))
  t.match(ends(), { running: 1, outcomes: { deregistered: 1, fallback: 1, lost: 0 } })
  t.match(ends().bad, { fallback: 1, deregistered: 0 })
})

t.test('a container that restarts has another drain, and what is new has a word', async (t) => {
  const { board, time, ends } = scene()
  board.put(podId(1), released('not-terminating', 'normal'))
  time.nowMs = 60 * s
  board.put(podId(1), told({ heldMs: 0, deadlineInMs: 100 * s }))
  t.equal(ends().running, 1)
  time.nowMs = 70 * s
  board.put(podId(1), released('a word of the future', 'warning', 10 * s))
  t.match(ends(), { running: 0, outcomes: { 'not-terminating': 1, other: 1 }, bad: { other: 1 } })
})

t.test('one that told no end is lost', async (t) => {
  const { board, time, ends } = scene()
  board.put(podId(1), told({ deadlineInMs: 20 * s }))
  time.nowMs = 100 * s
  t.match(ends(), { running: 0, outcomes: { lost: 1 } })
})
