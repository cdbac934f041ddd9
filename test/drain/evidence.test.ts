import t from 'tap'
import type { Balancer, Described } from '../../src/drain/ports.ts'
import { drainUnderTest } from '../support/drain-under-test.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
} from '../support/scripted-balancer.ts'

const s = 1_000
const facts = {
  deregistrationDelayMs: 300 * s,
  loadBalancer: 'application' as const,
  targetType: 'ip' as const,
}

/** Describes by a script: what is answered the first, second, ... time; the last one for ever. */
function describedAs(...answers: Omit<Described, 'kind'>[]) {
  let times = 0
  return (balancer: Balancer): Balancer => ({
    ...balancer,
    async describe() {
      const answer = answers[Math.min(times, answers.length - 1)]
      times += 1
      return { kind: 'described', facts: {}, missing: [], ...answer }
    },
  })
}

t.test(
  'one listing that lacks a healthy pod is no proof, and a failed look confirms nothing',
  async (t) => {
    const odd: ScriptedGroup = {
      facts,
      scenes: [
        [0, [healthy]],
        [2 * s, []],
        [4 * s, failure('unreachable')],
        [40 * s, [healthy]],
        [60 * s, [draining]],
        [360 * s, []],
      ],
    }
    const { outcome, atMs } = await drainUnderTest({ a: odd }).end()
    t.equal(outcome.kind, 'deregistered')
    t.ok(atMs >= 360 * s && atMs < 363 * s, `released at ${atMs}`)
  },
)

t.test('a target that vanished sooner than its delay allows settles from then', async (t) => {
  const vanished: ScriptedGroup = {
    facts,
    scenes: [
      [0, [healthy]],
      [60 * s, []],
    ],
  }
  const { atMs } = await drainUnderTest({ a: vanished }).end()
  t.ok(atMs >= 80 * s, `released at ${atMs}`)
})

const network = { deregistrationDelayMs: 30 * s, loadBalancer: 'network' as const }

for (const kind of ['malformed', 'throttled', 'unreachable'] as const) {
  t.test(`the kind of load balancer is asked for again after ${kind}`, async (t) => {
    const missing = [failure(kind)]
    const wrap = describedAs({ facts: {}, missing }, { facts: network, missing: [] })
    const { atMs } = await drainUnderTest({ a: deregisteredAt(2 * s, 30 * s) }, {}, { wrap }).end()
    t.ok(atMs >= 122 * s && atMs < 125 * s, `released at ${atMs}`)
  })
}

t.test('while nobody knows the kind, it gets the settle time of the slowest', async (t) => {
  const wrap = describedAs({ facts: {}, missing: [failure('throttled')] })
  const { atMs } = await drainUnderTest({ a: deregisteredAt(2 * s, 30 * s) }, {}, { wrap }).end()
  t.ok(atMs >= 122 * s && atMs < 136 * s, `released at ${atMs}`)
})

t.test("a kind that may not be asked for is taken for an ALB's", async (t) => {
  const wrap = describedAs({ facts: {}, missing: [failure('denied')] })
  const { atMs } = await drainUnderTest({ a: deregisteredAt(2 * s, 30 * s) }, {}, { wrap }).end()
  t.ok(atMs >= 32 * s && atMs < 45 * s, `released at ${atMs}`)
})

t.test('a listing of nodes tells the type of a group that cannot be described', async (t) => {
  const nodes: ScriptedGroup = { targetType: 'instance', scenes: [[0, []]] }
  const wrap = describedAs({ facts: {}, missing: [failure('denied')] })
  const { outcome, atMs } = await drainUnderTest({ a: nodes }, {}, { wrap }).end()
  t.equal(outcome.kind, 'settled')
  t.equal(atMs, 20 * s)
})

t.test('where the type is not known, absence waits for the settle time', async (t) => {
  const wrap = describedAs({
    facts: { deregistrationDelayMs: 300 * s },
    missing: [failure('denied')],
  })
  const { outcome, atMs } = await drainUnderTest({ a: { scenes: [] } }, {}, { wrap }).end()
  t.equal(outcome.kind, 'unregistered')
  t.ok(atMs >= 20 * s && atMs < 22 * s, `released at ${atMs}`)
})

t.test('a group that could not be seen is looked at as long as others hold', async (t) => {
  const late: ScriptedGroup = {
    facts,
    scenes: [
      [0, failure('unreachable')],
      [35 * s, [healthy]],
      [400 * s, [draining]],
      [700 * s, []],
    ],
  }
  const { outcome, atMs } = await drainUnderTest({
    a: deregisteredAt(5 * s, 300 * s),
    b: late,
  }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 700 * s, `released at ${atMs}`)
})

t.test(
  'an absence that cannot be confirmed for throttling is asked about with growing pauses',
  async (t) => {
    const scenes = [
      [0, []],
      [1 * s, failure('throttled')],
    ] as const
    const { end, looks } = drainUnderTest({ a: { facts, scenes } }, { fallbackMs: 60 * s })
    await end()
    t.ok(looks.length <= 20, `${looks.length} looks in a quarter of an hour`)
  },
)

t.test('no fallback before a look can have been answered', async (t) => {
  const { outcome } = await drainUnderTest(
    { a: deregisteredAt(5 * s, 30 * s) },
    { fallbackMs: 0 },
  ).end()
  t.equal(outcome.kind, 'deregistered')
})
