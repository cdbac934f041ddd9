import t from 'tap'
import { createWorldClock } from '../../../bench/world/clock.ts'
import { createHeap } from '../../../bench/world/heap.ts'
import { createChance } from '../../../lab/chance.ts'

t.test('a heap gives out in order whatever was put in', async (t) => {
  const chance = createChance(7)
  for (const size of [0, 1, 2, 3, 500]) {
    const numbers = Array.from({ length: size }, () => Math.floor(chance() * 100))
    const heap = createHeap<number>((a, b) => a < b)
    for (const number of numbers) heap.push(number)
    t.strictSame(
      numbers.map(() => heap.pop()),
      numbers.toSorted((a, b) => a - b),
    )
    t.equal(heap.pop(), undefined)
  }
})

t.test('sleepers wake in order of time, then of falling asleep', async (t) => {
  const clock = createWorldClock()
  const woken: string[] = []
  const sleeper = async (name: string, ms: number) => {
    await clock.sleep(ms)
    woken.push(`${name} ${clock.now()}`)
  }
  await clock.runUntil(
    Promise.all([sleeper('a', 30), sleeper('b', 10), sleeper('c', 30), sleeper('d', 0)]),
  )
  t.strictSame(woken, ['d 0', 'b 10', 'a 30', 'c 30'])
})

t.test('who is woken early is not woken again, and moves no time', async (t) => {
  const clock = createWorldClock()
  const stop = new AbortController()
  const early = clock.sleepUntil(1_000, stop.signal)
  void clock.sleep(10).then(() => stop.abort())
  await clock.runUntil(early)
  t.equal(clock.now(), 10)
  await clock.sleepUntil(500, stop.signal)
  t.equal(clock.now(), 10, 'a signal that is aborted lets nobody sleep')
  await t.rejects(clock.runUntil(new Promise(() => {})), { message: 'nobody sleeps' })
  t.equal(clock.now(), 10)
})
