import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse, stringify } from 'yaml'
import { lookoutMetrics } from '../../../src/lookout/server/metrics.ts'
import { metrics } from '../../../src/telling/metrics/metrics.ts'
import { noPromtool, promtool } from './promtool.ts'

const examples = join(import.meta.dirname, '../../../examples')
const read = (path: string) => readFile(join(examples, path), 'utf8')

interface Rules {
  readonly spec: {
    readonly groups: readonly { readonly rules: readonly { alert: string; expr: string }[] }[]
  }
}

const rulesOf = async () => parse(await read('prometheus/rule.yaml')) as Rules

const known = [...metrics, ...lookoutMetrics].map(({ name }) => name)

/** The names of our metrics in a query. */
const named = (expr: string): string[] => expr.match(/\bdraingate_\w+/g) ?? []

t.test('alerts are about metrics that exist, and each has a test', async (t) => {
  const { spec } = await rulesOf()
  const tests = await read('prometheus/rule.test.yaml')
  const rules = spec.groups.flatMap((group) => group.rules)
  t.ok(rules.length > 0)
  for (const { alert, expr } of rules) {
    for (const name of named(expr)) t.ok(known.includes(name), `${alert}: ${name}`)
    t.match(tests, alert)
  }
})

t.test('promtool takes the rules, and its tests pass', { skip: noPromtool }, async (t) => {
  const { spec } = await rulesOf()
  const folder = t.testdir({ 'rule.test.yaml': await read('prometheus/rule.test.yaml') })
  const file = join(folder, 'rules.yaml')
  await writeFile(file, stringify(spec))
  t.match(await promtool(['check', 'rules', file]), { code: 0 })
  t.match(await promtool(['test', 'rules', join(folder, 'rule.test.yaml')]), { code: 0 })
})

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly targets: readonly { readonly expr: string }[]
}

const panelsOf = async () =>
  JSON.parse(await read('grafana/dashboard.json')) as {
    readonly panels: readonly Panel[]
  }

t.test('the dashboard: panels side by side, about metrics that exist', async (t) => {
  const { panels } = await panelsOf()
  t.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
  const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
  )
  t.equal(new Set(cells).size, cells.length, 'none covers another')
  t.ok(panels.every(({ gridPos: { x, w } }) => x + w <= 24))
  for (const { title, targets } of panels) {
    for (const { expr } of targets) {
      for (const name of named(expr)) t.ok(known.includes(name), `${title}: ${name}`)
    }
  }
})

t.test('promtool takes the queries of the dashboard', { skip: noPromtool }, async (t) => {
  const { panels } = await panelsOf()
  const rules = panels.flatMap(({ id, targets }) =>
    targets.map(({ expr }, n) => ({
      record: `panel_${id}_${n}`,
      // What Grafana puts in their places.
      expr: expr.replaceAll('$namespace', '.*').replaceAll(/\$__(rate_interval|range)/g, '5m'),
    })),
  )
  const folder = t.testdir({ 'rules.yaml': stringify({ groups: [{ name: 'panels', rules }] }) })
  const { code, said } = await promtool(['check', 'rules', join(folder, 'rules.yaml')])
  t.equal(code, 0, said)
})
