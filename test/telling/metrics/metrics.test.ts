import t from 'tap'
import { reportOf } from '../../../src/drain/account/report.ts'
import type { Drain } from '../../../src/drain/drain.ts'
import { deadlineOf } from '../../../src/drain/judgement/limits.ts'
import { expose, exposition } from '../../../src/telling/metrics/exposition.ts'
import { metrics } from '../../../src/telling/metrics/metrics.ts'
import { noDrains, type Past, withDrain, withRelease } from '../../../src/telling/metrics/past.ts'
import { metricsTable } from '../../../src/telling/metrics/table.ts'
import { drainUnderTest, play, roomy } from '../../support/drain-under-test.ts'
import { s } from '../../support/known.ts'
import { deregisteredAt, draining, failure, healthy } from '../../support/scripted-balancer.ts'
import { noPromtool, promtool } from './promtool.ts'
import { read } from './read.ts'

const idle = { past: noDrains, drain: undefined, deadlineMs: undefined, now: 5 }

const known = (drain: Drain) => {
  const state = drain.state()
  return { drain: state, deadlineMs: state && deadlineOf(state.hook, state.progress, roomy) }
}

/** What is remembered of a drain that has told of its releases. */
function remember(
  past: Past,
  { changes, drain }: Pick<ReturnType<typeof drainUnderTest>, 'changes' | 'drain'>,
): Past {
  const state = drain.state()
  const released = changes.splice(0).filter((change) => change.kind === 'released')
  const told = released.reduce((past, change) => withRelease(past, change, state), past)
  return withDrain(told, state)
}

/** What a scrape shows of a drain on a clock. */
function scrape(drain: Drain, now: number, past: Past = noDrains) {
  return read(exposition({ past, ...known(drain), now }))
}

t.test('before the first hook every counter is there, with 0', async (t) => {
  const samples = read(exposition(idle))
  const names = new Set([...samples.keys()].map((key) => key.replace(/\{.*/, '')))
  t.strictSame(
    [...names],
    metrics.map(({ name }) => name),
    'each has a sample',
  )
  const { version, node } =
    /version="(?<version>[^"]+)",node="(?<node>[^"]+)"/.exec([...samples.keys()][0] ?? '')
      ?.groups ?? {}
  t.match(version, /^\d+\.\d+\.\d+/)
  t.equal(node, process.version)
  const [, ...rest] = samples.values()
  t.ok(rest.every((value) => value === 0))
  const outcomes = [...samples.keys()].filter((key) => key.startsWith('draingate_drains_total'))
  t.equal(outcomes.length, 7)
})

t.test('follows a drain: in progress, phase, seconds, looks, hooks', async (t) => {
  const stage = drainUnderTest({ web: deregisteredAt(10 * s, 60 * s) })
  const { drain, clock } = stage
  const end = drain.join()
  void drain.join()
  await clock.advance(9 * s)
  const registered = scrape(drain, clock.now())
  t.equal(registered.get('draingate_drain_in_progress'), 1)
  t.equal(registered.get('draingate_phase{phase="registered"}'), 1)
  t.equal(registered.get('draingate_held_seconds'), 9)
  t.equal(registered.get('draingate_deadline_seconds'), 995)
  t.equal(registered.get('draingate_hooks_held'), 2)
  await clock.advance(11 * s)
  const later = scrape(drain, clock.now())
  t.equal(later.get('draingate_phase{phase="registered"}'), 0)
  t.equal(later.get('draingate_phase{phase="draining"}'), 1)
  const { outcome, atMs } = await clock.runUntil(end)
  const over = scrape(drain, clock.now() + 60 * s, remember(noDrains, stage))
  t.equal(outcome.kind, 'deregistered')
  t.equal(over.get('draingate_drain_in_progress'), 0)
  t.equal(over.get('draingate_hooks_held'), 0)
  t.equal(over.get('draingate_phase{phase="gone"}'), 1)
  t.equal(over.get('draingate_held_seconds'), Math.round(atMs) / s)
  t.equal(over.get('draingate_drains_total{outcome="deregistered"}'), 1)
  t.equal(over.get('draingate_drains_total{outcome="deadline"}'), 0)
})

t.test('hooks that are released apart count apart, and the drain once', async (t) => {
  const { drain, clock, changes } = drainUnderTest(
    { web: { scenes: [[0, [healthy]]] } },
    { graceMs: 30 * s },
  )
  const first = drain.join()
  await clock.advance(10 * s)
  const second = drain.join()
  await clock.runUntil(first)
  const during = remember(noDrains, { drain, changes })
  const between = scrape(drain, clock.now(), during)
  t.equal(between.get('draingate_drain_in_progress'), 1)
  t.equal(between.get('draingate_hooks_held'), 1)
  t.equal(between.get('draingate_held_seconds'), 15, 'that of the other')
  t.equal(between.get('draingate_drains_total{outcome="deadline"}'), 1)
  await clock.runUntil(second)
  const after = scrape(drain, clock.now(), remember(during, { drain, changes }))
  t.equal(after.get('draingate_drains_total{outcome="deadline"}'), 2)
  t.equal(after.get('draingate_bad_ends_total{outcome="deadline"}'), 2)
  const looks = 'draingate_looks_total{result="seen"}'
  t.equal(after.get(looks), drain.state()?.progress.groups[0]?.answers.seen)
})

t.test('what was a warning is counted as such, and nothing else', async (t) => {
  const ready = { pod: [[0, { kind: 'pod', deletion: 'deleting', ready: true }]] } as const
  const bad = async (outcome: string, ...stage: Parameters<typeof play>) => {
    const played = await play(...stage)
    const samples = scrape(played.drain, 0, remember(noDrains, played))
    t.equal(samples.get(`draingate_drains_total{outcome="${outcome}"}`), 1)
    return samples.get(`draingate_bad_ends_total{outcome="${outcome}"}`)
  }
  const none = { web: { scenes: [], facts: { deregistrationDelayMs: 300 * s } } }
  t.equal(await bad('unregistered', none, {}, ready), 1)
  t.equal(await bad('unregistered', none), 0)
  t.equal(await bad('fallback', { web: { scenes: [[0, failure('denied')]] } }), 1)
  const cut = { web: deregisteredAt(2 * s, 300 * s) }
  t.equal(await bad('settled', cut, { graceMs: 60 * s }), undefined, 'there is no such sample')
})

t.test('the phase is that of the target that is furthest behind', async (t) => {
  const two = [
    [0, [healthy, { ...draining, port: 9090 }]],
    [10 * s, [draining]],
  ] as const
  const { drain, clock } = drainUnderTest({ web: { scenes: two } })
  void drain.join()
  await clock.advance(5 * s)
  const phases = () =>
    ['registered', 'draining', 'gone'].map((phase) =>
      scrape(drain, clock.now()).get(`draingate_phase{phase="${phase}"}`),
    )
  t.strictSame(phases(), [1, 0, 0])
  await clock.advance(15 * s)
  t.strictSame(phases(), [0, 1, 0])
})

t.test('counts throttled calls of looks and of descriptions, and the time of looks', async (t) => {
  const group = deregisteredAt(3 * s, 5 * s)
  const throttled = { scenes: [[0, failure('throttled')], ...group.scenes.slice(1)] } as const
  const stage = await play({
    web: { ...group, ...throttled },
    api: { ...deregisteredAt(1 * s, 5 * s), undescribed: { because: 'throttled' } },
  })
  const { drain, clock, looks, descriptions } = stage
  const samples = scrape(drain, clock.now(), remember(noDrains, stage))
  const refused = samples.get('draingate_looks_total{result="throttled"}') ?? 0
  const wanted = descriptions
    .filter(({ group }) => group === 'api')
    .reduce((sum, { wanted }) => sum + wanted.length, 0)
  t.ok(refused > 0 && wanted > 0)
  t.equal(samples.get('draingate_throttled_total'), refused + wanted)
  const answered = [...samples].filter(([key]) => key.startsWith('draingate_looks_total'))
  const count = answered.reduce((sum, [, value]) => sum + value, 0)
  t.ok(count > 0 && count <= looks.length)
  // Each answer comes 50 ms after its question.
  t.equal(samples.get('draingate_api_seconds_total'), (count * 50) / s)
  const report = reportOf(drain.state(), roomy, clock.now())
  t.match(
    report,
    {
      looks: count,
      throttled: samples.get('draingate_throttled_total'),
      apiSeconds: samples.get('draingate_api_seconds_total'),
      heldSeconds: samples.get('draingate_held_seconds'),
      hooks: 1,
    },
    'the closing line has the same figures',
  )
})

t.test('counters go on over the drains of a process, and never back', async (t) => {
  // Unhealthy and out: nobody deletes the pod, and another hook is another drain.
  const stage = drainUnderTest({
    web: { scenes: [[0, [{ state: 'unhealthy', reason: 'Target.FailedHealthChecks' }]]] },
  })
  const { drain, clock } = stage
  let past = noDrains
  let before = scrape(drain, clock.now(), past)
  for (const nth of [1, 2, 3]) {
    const end = drain.join()
    await clock.advance(3 * s)
    const during = scrape(drain, clock.now(), past)
    await clock.runUntil(end)
    past = remember(past, stage)
    const after = scrape(drain, clock.now(), past)
    for (const [key, value] of after) {
      if (!key.includes('_total')) continue
      t.ok((before.get(key) ?? 0) <= (during.get(key) ?? 0), key)
      t.ok((during.get(key) ?? 0) <= value, key)
    }
    const outcomes = [...after].filter(([key]) => key.startsWith('draingate_drains_total'))
    t.equal(
      outcomes.reduce((sum, [, value]) => sum + value, 0),
      nth,
    )
    before = after
  }
  t.ok((before.get('draingate_looks_total{result="seen"}') ?? 0) >= 3)
})

t.test('a drain that has not ended, or none, adds nothing to the past', async (t) => {
  const { drain, clock } = drainUnderTest({ web: deregisteredAt(5 * s, 5 * s) })
  t.equal(withDrain(noDrains, undefined), noDrains)
  void drain.join()
  await clock.advance(1 * s)
  t.equal(withDrain(noDrains, drain.state()), noDrains)
})

t.test('what the format has words for', async (t) => {
  const odd = {
    name: 'odd',
    kind: 'gauge',
    help: 'a \\ and\na "line"',
    samples: () => [
      { labels: { one: 'a "b" \\ c\n' }, value: Infinity },
      { labels: { one: '' }, value: -Infinity },
      { labels: { one: 'x' }, value: Number.NaN },
    ],
  } as const
  const text = expose([odd], idle)
  t.equal(
    text,
    '# HELP odd a \\\\ and\\na "line"\n# TYPE odd gauge\n' +
      'odd{one="a \\"b\\" \\\\ c\\n"} +Inf\nodd{one=""} -Inf\nodd{one="x"} NaN\n',
  )
  t.equal(read(text).size, 3)
})

t.test('the table of the docs has the words of each label', async (t) => {
  const table = metricsTable()
  t.match(table, '`phase`: registered, draining, gone')
  t.match(table, /build_info` \| gauge \| `version`; `node` \|/)
})

t.test('promtool finds nothing wrong', { skip: noPromtool }, async (t) => {
  const { drain, clock } = drainUnderTest({ web: deregisteredAt(5 * s, 5 * s) })
  void drain.join()
  await clock.advance(8 * s)
  const busy = { ...idle, ...known(drain), now: clock.now() }
  for (const moment of [idle, busy]) {
    t.strictSame(await promtool(['check', 'metrics'], exposition(moment)), { code: 0, said: '' })
  }
})
