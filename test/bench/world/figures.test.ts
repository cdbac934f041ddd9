import t from 'tap'
import { figuresOf } from '../../../bench/world/figures.ts'
import { percent, seconds, textTable } from '../../../bench/world/print.ts'

t.test('figures are numbers that were measured', async (t) => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i)
  t.strictSame(figuresOf(hundred), { mean: 50.5, min: 1, p50: 50, p99: 99, max: 100 })
  t.strictSame(figuresOf([-10, 9, 2]), { mean: 1 / 3, min: -10, p50: 2, p99: 9, max: 9 })
  t.strictSame(figuresOf([]), { mean: NaN, min: NaN, p50: NaN, p99: NaN, max: NaN })
})

t.test('a little is not nothing', async (t) => {
  t.strictSame([percent(0, 9), percent(1, 5_000), percent(1, 3)], ['0 %', '<0.1 %', '33.3 %'])
  t.strictSame([seconds(1_250), seconds(-60), seconds(NaN)], ['1.3', '-0.1', '-'])
})

t.test('columns are as wide as their widest cell', async (t) => {
  const table = textTable([
    ['', 'long head'],
    ['name', '1'],
  ])
  t.equal(table, '      long head\nname          1')
})
