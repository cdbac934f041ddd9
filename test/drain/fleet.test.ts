import t from 'tap'
import { isCrowded, othersAwake, registeredGapMs, throttledPauseMs } from '../../src/drain/fleet.ts'
import { beginGroup } from '../../src/drain/progress.ts'
import { drainUnderTest, roomy } from '../support/drain-under-test.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
} from '../support/scripted-balancer.ts'

const s = 1_000
const facts = { deregistrationDelayMs: 300 * s, loadBalancer: 'application' } as const

/** One of a thousand pods that were deregistered together. */
const oneOfMany: ScriptedGroup = {
  ...{ facts, othersDraining: 999, size: 1_000 },
  scenes: [
    [0, [draining]],
    [300 * s, []],
  ],
}

t.test('in a crowd the timer is believed without a look', async (t) => {
  const { end, looks } = drainUnderTest({ a: oneOfMany })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 300 * s && atMs < 311 * s, `released at ${atMs}`)
  t.ok(looks.length <= 2, `${looks.length} looks`)
})

t.test('in a crowd a draining target that has settled needs no look either', async (t) => {
  const { end, looks } = drainUnderTest(
    { a: oneOfMany },
    { releaseWhen: 'settled', settleMs: 20 * s },
  )
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'settled')
  t.ok(atMs >= 20 * s && atMs < 21 * s, `released at ${atMs}`)
  t.equal(looks.length, 1)
})

t.test('a crowd does not look all at once when the delay is over', async (t) => {
  const scenes = [
    [0, failure('throttled')],
    [20 * s, [draining]],
    [320 * s, []],
  ] as const
  const lastLooks = new Set<number>()
  for (const spread of [0.1, 0.3, 0.5, 0.7, 0.9]) {
    const { end, looks } = drainUnderTest({ a: { ...oneOfMany, scenes } }, { spread })
    const { atMs } = await end()
    t.ok(atMs >= 320 * s && atMs < 480 * s, `released at ${atMs}`)
    lastLooks.add(Math.round((looks.at(-1)?.atMs ?? 0) / s))
  }
  t.ok(lastLooks.size >= 4)
})

t.test('ten pods look two seconds apart, together five times a second', async (t) => {
  const ten: ScriptedGroup = { ...deregisteredAt(5 * s, 300 * s), othersDraining: 9, size: 20 }
  const { end, looks } = drainUnderTest({ a: ten })
  const { atMs } = await end()
  t.ok(atMs >= 305 * s && atMs < 310 * s, `released at ${atMs}`)
  const late = looks.map(({ atMs }) => atMs).filter((ms) => ms > 250 * s)
  for (const [nth, ms] of late.entries()) {
    if (nth > 0) t.ok(ms - (late[nth - 1] ?? 0) >= 2 * s - 1)
  }
})

t.test('in a large group those that still serve look more seldom', async (t) => {
  const large: ScriptedGroup = { facts, scenes: [[0, [healthy]]], size: 500 }
  const { end, looks } = drainUnderTest({ a: large }, { graceMs: 105 * s })
  await end()
  t.ok(looks.length <= 10, `${looks.length} looks`)
})

t.test('throttling is no outage: nobody falls back for it', async (t) => {
  const busy: ScriptedGroup = {
    facts,
    scenes: [
      [0, failure('throttled')],
      [90 * s, [draining]],
      [305 * s, []],
    ],
  }
  const { end, looks } = drainUnderTest({ a: busy })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 305 * s, `released at ${atMs}`)
  t.ok(looks.filter(({ atMs }) => atMs < 90 * s).length <= 2)
})

t.test('throttled to the end: held to the deadline, and said why', async (t) => {
  const busy: ScriptedGroup = { facts, scenes: [[0, failure('throttled')]] }
  const { outcome, atMs } = await drainUnderTest({ a: busy }, { graceMs: 120 * s }).end()
  t.match(outcome, { kind: 'fallback', because: { kind: 'throttled' } })
  t.equal(atMs, 115 * s)
})

t.test('what kind of group it is can wait until that matters', async (t) => {
  const asked: number[] = []
  const { clock, drain } = drainUnderTest(
    { a: deregisteredAt(8 * s, 30 * s) },
    {},
    {
      wrap: (balancer) => ({
        ...balancer,
        describe(group, known, signal) {
          asked.push(clock.now())
          return balancer.describe(group, known, signal)
        },
      }),
    },
  )
  await clock.runUntil(drain.join())
  t.equal(asked.length, 1)
  t.ok((asked[0] ?? 0) >= 8 * s)
})

t.test('how long a throttled API is left alone', async (t) => {
  const hour = 3_600 * s
  const unknown = beginGroup('a', {}, 0)
  t.equal(throttledPauseMs(unknown, 1, hour, 0.5), 100 * s)
  t.equal(throttledPauseMs(unknown, 1, hour, 0), 50 * s, 'spread by chance')
  t.equal(throttledPauseMs(unknown, 1, hour, 1), 150 * s)
  t.equal(throttledPauseMs(unknown, 2, hour, 0.5), 160 * s, 'longer each time')
  t.equal(throttledPauseMs(unknown, 20, 10 * hour, 0.5), 1_200 * s, 'within bounds')
  t.equal(throttledPauseMs(unknown, 1, 60 * s, 0.5), 20 * s, 'a third of what is left')
  t.equal(throttledPauseMs(unknown, 1, 3 * s, 0.5), 2 * s, 'but never in haste')
  const of = (size: number) => throttledPauseMs({ ...unknown, size }, 1, hour, 0.5)
  t.strictSame(
    [50, 100, 400, 1_000, 4_000].map(of),
    [20, 20, 40, 100, 100].map((sec) => sec * s),
  )
})

t.test('how many of those that drain are awake', async (t) => {
  const first = (others: number) => ({ others, awake: othersAwake(beginGroup('a', {}, 0), others) })
  const then = ({ others, awake }: ReturnType<typeof first>, next: number) => {
    const before = { ...beginGroup('a', {}, 0), othersDraining: others, othersAwake: awake }
    return { others: next, awake: othersAwake(before, next) }
  }
  t.equal(first(0).awake, 0)
  t.equal(first(320).awake, 40, 'some of them, at first')
  t.equal(then(first(320), 320).awake, 20, 'in a long rollout one in sixteen')
  t.equal(then(first(320), 300).awake, 18.75)
  t.equal(then(first(0), 320).awake, 320, 'those that are new, all of them')
  t.equal(then(first(320), 420).awake, 105)
  t.equal(then(then(first(0), 320), 320).awake, 40)
})

t.test('how long to leave between looks while the pod serves', async (t) => {
  const gap = (more: object, leftMs = 3_600 * s) =>
    registeredGapMs({ ...beginGroup('a', {}, 0), ...more }, leftMs, roomy) / s
  t.equal(gap({}), 0)
  t.equal(gap({ othersDraining: 500, othersAwake: 50 }), 10, 'those who sleep do not count')
  t.equal(gap({ size: 100 }), 5, 'many may leave together')
  t.equal(gap({ size: 100, othersAwake: 50 }), 10)
  t.equal(gap({ size: 5_000 }), 15, 'or not')
  t.equal(gap({ othersAwake: 500 }, 60 * s), 20, 'a third of what is left')
})

t.test('a pod that leaves during a long rollout sees in time that it drains', async (t) => {
  const rollout: ScriptedGroup = {
    ...deregisteredAt(5 * s, 300 * s),
    othersDraining: 300,
    size: 900,
  }
  const limits = { graceMs: 65 * s, releaseWhen: 'settled' } as const
  const { outcome, atMs } = await drainUnderTest({ a: rollout }, limits).end()
  t.equal(outcome.kind, 'settled')
  t.ok(atMs < 50 * s, `released at ${atMs}`)
})

t.test('a crowd begins where looks are more than ten seconds apart', async (t) => {
  const group = (othersDraining: number) => ({ ...beginGroup('a', {}, 0), othersDraining })
  t.notOk(isCrowded(group(49), roomy))
  t.ok(isCrowded(group(50), roomy))
})

t.test('in a crowd whoever has little time left learns its delay in time', async (t) => {
  for (const others of [999, 300]) {
    for (const spread of [0.05, 0.3, 0.5, 0.7, 0.95]) {
      const crowd = { ...deregisteredAt(2 * s, 30 * s), othersDraining: others, size: others * 2 }
      const { outcome } = await drainUnderTest({ a: crowd }, { graceMs: 90 * s, spread }).end()
      t.equal(outcome.kind, 'deregistered', `${others} others, spread ${spread}`)
    }
  }
})
