import t from 'tap'
import { type BoardChange, createBoard } from '../../../src/lookout/board/board.ts'
import { viewOf } from '../../../src/lookout/board/view.ts'
import { podId, told } from '../../support/board/drains.ts'

const [s, min] = [1_000, 60_000]
const pod = podId(1)

/** A board whose time a test sets. */
function boardAt(startMs: number) {
  const time = { nowMs: startMs }
  const board = createBoard({ clock: { now: () => time.nowMs } })
  const views = () => board.rows().map((row) => viewOf(row, time.nowMs))
  return { board, time, views, only: () => views()[0] }
}
const released = (heldMs: number) =>
  told({ state: 'released', phase: 'gone', outcome: 'deregistered', severity: 'normal', heldMs })

t.test('a drain from its hook to its end', async (t) => {
  const { board, time, only } = boardAt(50 * s)
  board.put(pod, told({ heldMs: 20, deadlineInMs: 100 * s - 20 }))
  time.nowMs += 5 * s
  const news = { heldMs: 5_020, deadlineInMs: 94_980, expectedInMs: 60 * s }
  board.put(pod, told({ ...news, phase: 'draining', phaseForMs: 1_020 }))
  t.match(only(), {
    ...{ namespace: 'shop', pod: pod.name, state: 'draining', startedAgoMs: 5_020 },
    phases: [
      { phase: 'registered', fromMs: 0 },
      { phase: 'draining', fromMs: 4_000 },
    ],
    ...{ expectedMs: 65_020, deadlineMs: 100 * s },
  })
  time.nowMs += 58 * s
  board.put(pod, released(63_020))
  t.match(only(), { state: 'released', outcome: 'deregistered', endedMs: 63_020 })
  t.notOk('expectedMs' in (only() ?? {}))
})

t.test(
  'a lookout that was started in the middle of it knows what it was told of before',
  async (t) => {
    const { board, only } = boardAt(50 * s)
    board.put(pod, told({ heldMs: 40 * s, phase: 'draining', phaseForMs: 30 * s }))
    t.strictSame(only()?.phases, [
      { phase: 'unknown', fromMs: 0 },
      { phase: 'draining', fromMs: 10 * s },
    ])
  },
)

t.test('a target that flaps does not fill the memory', async (t) => {
  const { board, time, only } = boardAt(0)
  for (let flap = 0; flap < 500; flap++) {
    time.nowMs += s
    board.put(pod, told({ phase: flap % 2 ? 'registered' : 'unknown', heldMs: time.nowMs }))
  }
  t.equal(only()?.phases.length, 16)
  t.equal(only()?.phases.at(-1)?.phase, 'registered')
})

t.test('what ended stays 15 minutes', async (t) => {
  const { board, time, views } = boardAt(0)
  board.put(pod, released(0))
  time.nowMs = 15 * min - 1
  t.equal(views().length, 1)
  time.nowMs = 15 * min
  t.equal(views().length, 0)
})

t.test(
  'what is silent a minute after its deadline is lost, and is gone 15 minutes later',
  async (t) => {
    const { board, time, only } = boardAt(0)
    board.put(pod, told({ deadlineInMs: 25 * s }))
    time.nowMs = 85 * s - 1
    t.equal(only()?.state, 'draining')
    time.nowMs = 85 * s
    t.match(only(), { state: 'lost', endedMs: 85 * s })
    time.nowMs = 85 * s + 15 * min
    t.equal(only(), undefined)
  },
)

t.test('what was lost may be found', async (t) => {
  const { board, time, only } = boardAt(0)
  board.put(pod, told({ deadlineInMs: 25 * s }))
  time.nowMs = 90 * s
  t.equal(only()?.state, 'lost')
  board.put(pod, told({ heldMs: 90 * s, deadlineInMs: 25 * s }))
  t.match(only(), { state: 'draining', startedAgoMs: 90 * s })
})

t.test('a container that restarts drains again: the later one is shown', async (t) => {
  const { board, time, only } = boardAt(0)
  board.put(pod, released(0))
  time.nowMs = 30 * s
  board.put(pod, told({ heldMs: 10 }))
  t.match(only(), { state: 'draining', startedAgoMs: 10 })
})

t.test('news that was overtaken is none', async (t) => {
  const { board, time, only } = boardAt(10 * s)
  board.put(pod, released(9 * s))
  time.nowMs += 200
  board.put(pod, told({ heldMs: 9_150 }))
  t.equal(only()?.state, 'released')
})

t.test('there is room for 5,000: what ended first goes first', async (t) => {
  const { board, time, views } = boardAt(0)
  const gone: string[] = []
  board.follow((change) => void (change.kind === 'gone' && gone.push(change.uid)))
  for (let index = 0; index < 5_000; index++) {
    time.nowMs += 1
    board.put(podId(index), index === 70 || index === 80 ? released(0) : told())
  }
  time.nowMs += 1
  board.put(podId(6_000), told())
  board.put(podId(6_001), told())
  board.put(podId(6_002), told())
  t.strictSame(gone, ['web-70', 'web-80'], 'those that are under way stay: no more are shown')
  t.equal(views().length, 5_000)
})

t.test('whoever follows hears of each change until it does no longer', async (t) => {
  const { board, time } = boardAt(0)
  const heard: BoardChange['kind'][] = []
  const unfollow = board.follow(({ kind }) => void heard.push(kind))
  board.put(pod, told({ deadlineInMs: 0 }))
  time.nowMs = 60 * s
  board.sweep()
  time.nowMs += 15 * min
  board.sweep()
  t.strictSame(heard, ['row', 'row', 'gone'])
  unfollow()
  board.put(pod, told())
  t.equal(heard.length, 3)
})
