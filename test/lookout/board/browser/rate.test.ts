import t from 'tap'
import { createRates } from '../../../../src/lookout/board/browser/rate.ts'

const s = 1_000

t.test('a rate is that of the last minute', async (t) => {
  const { rateOf } = createRates()
  t.equal(rateOf('a', 100, 0), undefined)
  t.equal(rateOf('a', 110, 10 * s), 1)
  t.equal(rateOf('b', 7, 10 * s), undefined, 'each has its own')
  t.equal(rateOf('a', 110, 70 * s), 0, 'what was before is forgotten')
  t.equal(rateOf('a', 3, 72 * s), undefined, 'the lookout was started anew')
  t.equal(rateOf('a', 7, 74 * s), 2)
})
