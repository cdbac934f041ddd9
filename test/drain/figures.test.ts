import t from 'tap'
import { looksIn, noFigures, sumOf } from '../../src/drain/figures.ts'

t.test('figures of two drains add up', async (t) => {
  const looks = { seen: 1, throttled: 2, denied: 3, unreachable: 4, gone: 5, malformed: 6 }
  const one = { looks, throttled: 7, lookingMs: 8 }
  const twice = { seen: 2, throttled: 4, denied: 6, unreachable: 8, gone: 10, malformed: 12 }
  t.strictSame(sumOf(one, one), { looks: twice, throttled: 14, lookingMs: 16 })
  t.strictSame(sumOf(noFigures, one), one)
  t.equal(looksIn(one), 21)
})
