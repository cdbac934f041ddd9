import t from 'tap'
import { type Chart, chartSvg, ticks } from '../../../bench/plot/svg.ts'

const chart: Chart = {
  ...{ title: 'A & B', description: 'a < b', xLabel: 'x', yLabel: 'y', yScale: 'linear' },
  series: [
    {
      name: 'one',
      points: [
        [0, 0],
        [100, 50],
      ],
    },
    { name: 'none', points: [] },
  ],
  level: { y: 10, name: 'level' },
}

t.test('a chart has its lines, their names and a level, and escapes words', async (t) => {
  const svg = chartSvg(chart)
  t.match(svg, /<path class="line s0" d="M64 344L896 88"\/>/, 'from corner to corner')
  t.match(svg, '>A &amp; B</text>')
  t.match(svg, '<desc id="desc">a &lt; b</desc>')
  t.match(svg, '>level</text>')
  t.match(svg, '>none</text>')
  t.match(svg, 'prefers-color-scheme: dark')
  t.notMatch(svg, /NaN|Infinity|undefined/)
})

t.test('on a logarithmic scale, nothing is on the axis', async (t) => {
  const svg = chartSvg({ ...chart, yScale: 'log' })
  t.match(svg, /d="M64 344L896 /)
  for (const label of ['0.1', '1', '10', '100']) t.match(svg, `>${label}</text>`)
  t.notMatch(svg, /NaN|Infinity|undefined/)
})

t.test('an empty chart is a chart', async (t) => {
  t.notMatch(chartSvg({ ...chart, series: [] }), /NaN|Infinity|undefined/)
})

t.test('ticks are round and reach far enough', async (t) => {
  t.strictSame(ticks(1), [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
  t.strictSame(ticks(550), [0, 100, 200, 300, 400, 500, 600])
  for (const most of [1, 3, 7, 10, 42, 999, 1_000, 12_345]) {
    const found = ticks(most)
    t.ok((found.at(-1) ?? 0) >= most && found.length >= 4 && found.length <= 10, `${most}`)
  }
})
