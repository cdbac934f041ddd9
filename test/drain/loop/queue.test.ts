import t from 'tap'
import { createQueue } from '../../../src/drain/loop/queue.ts'

const deadline = { kind: 'deadline' } as const

t.test('hooks are released in the order in which they came', async (t) => {
  const queue = createQueue()
  t.strictSame(
    [queue.first(), queue.last(), queue.held(), queue.came()],
    [undefined, undefined, 0, 0],
  )
  const [early, late] = [queue.join(1_000), queue.join(1_100)]
  t.strictSame(queue.first(), { arrivedAtMs: 1_000 })
  t.strictSame(queue.last(), { arrivedAtMs: 1_100 })
  t.equal(queue.latest(), undefined)
  const end = { hook: { arrivedAtMs: 1_000 }, outcome: deadline, atMs: 9_000 }
  t.equal(queue.release(end), 1)
  t.equal(await early, end)
  t.strictSame([queue.first(), queue.held()], [{ arrivedAtMs: 1_100 }, 1])
  const other = { hook: { arrivedAtMs: 1_100 }, outcome: deadline, atMs: 9_100 }
  queue.release(other)
  t.equal(await late, other)
  t.strictSame(
    [queue.first(), queue.last(), queue.held(), queue.came()],
    [undefined, undefined, 0, 2],
  )
  t.equal(queue.latest(), other)
})

t.test('those who come within 100 ms of the first of them are held as one', async (t) => {
  const queue = createQueue()
  const together = [queue.join(1_000), queue.join(1_060), queue.join(1_099.9)]
  t.equal(new Set(together).size, 1)
  t.not(queue.join(1_100), together[0], 'a flood is not held as one for ever')
  t.strictSame([queue.held(), queue.came()], [4, 4])
  const end = { hook: { arrivedAtMs: 1_000 }, outcome: deadline, atMs: 9_000 }
  t.equal(queue.release(end), 3)
  t.strictSame(await Promise.all(together), [end, end, end])
  t.strictSame([queue.held(), queue.came(), queue.first()], [1, 4, { arrivedAtMs: 1_100 }])
  t.equal(queue.release(end), 1)
  t.equal(queue.release(end), 0, 'nobody is left')
})
