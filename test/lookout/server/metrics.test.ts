import t from 'tap'
import {
  type LookoutMoment,
  lookoutExample,
  lookoutExposition,
  lookoutMetrics,
} from '../../../src/lookout/server/metrics.ts'
import { noPromtool, promtool } from '../../telling/metrics/promtool.ts'

const budget = { account: '123456789012', region: 'eu-west-1', waiting: 3 }
const busy: LookoutMoment = {
  ...lookoutExample,
  budgets: [{ ...budget, calls: 120, throttled: 4, callsPerSecond: 2.5 }],
  questions: { ...lookoutExample.questions, look: 900 },
  ...{ refused: 2, waiting: 17, ready: 1 },
}

t.test('each metric has a name of its own, and a line from the start', async (t) => {
  const names = lookoutMetrics.map(({ name }) => name)
  t.equal(new Set(names).size, names.length)
  for (const { name, kind, samples } of lookoutMetrics) {
    t.match(name, /^draingate_lookout_[a-z_]+$/)
    t.equal(/_total$/.test(name), kind === 'counter', name)
    t.ok(samples(lookoutExample).length > 0, name)
  }
})

t.test('what a scrape gets', async (t) => {
  const lines = lookoutExposition(busy).split('\n')
  const place = 'account="123456789012",region="eu-west-1"'
  for (const line of [
    `draingate_lookout_calls_total{${place}} 120`,
    `draingate_lookout_throttled_total{${place}} 4`,
    `draingate_lookout_calls_per_second{${place}} 2.5`,
    'draingate_lookout_questions_total{question="look"} 900',
    'draingate_lookout_questions_total{question="drain"} 0',
    'draingate_lookout_refused_total 2',
    'draingate_lookout_waiting 17',
    'draingate_lookout_ready 1',
    'draingate_lookout_drains_total{outcome="fallback"} 0',
  ]) {
    t.ok(lines.includes(line), line)
  }
})

t.test('promtool finds nothing wrong', { skip: noPromtool }, async (t) => {
  const { code, said } = await promtool(['check', 'metrics'], lookoutExposition(busy))
  t.equal(code, 0, said)
})
