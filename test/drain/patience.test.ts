import t from 'tap'
import type { Balancer, Found } from '../../src/drain/ports.ts'
import { drainUnderTest } from '../support/drain-under-test.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
} from '../support/scripted-balancer.ts'

const s = 1_000
const facts = { deregistrationDelayMs: 300 * s, loadBalancer: 'application' } as const
const none: Found = { kind: 'found', groups: [], missing: [], narrowed: [] }
const some: Found = { ...none, groups: [{ group: 'a', facts: {} }] }

t.test('a failure after throttling: the fallback time begins with it', async (t) => {
  const scenes = [
    [0, failure('throttled')],
    [20 * s, failure('unreachable')],
    [70 * s, [draining]],
    [370 * s, []],
  ] as const
  const { end, looks } = drainUnderTest({ a: { facts, scenes } })
  const { outcome, atMs } = await end()
  t.ok((looks[1]?.atMs ?? 0) > 30 * s, 'the fallback time was over')
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 370 * s, `released at ${atMs}`)
})

t.test('a search that fails after it was throttled: likewise', async (t) => {
  const search = [
    [0, { ...none, missing: [failure('throttled')] }],
    [35 * s, { ...none, missing: [failure('unreachable')] }],
    [50 * s, some],
  ] as const
  const { outcome } = await drainUnderTest(
    { a: deregisteredAt(5 * s, 300 * s) },
    {},
    { search },
  ).end()
  t.equal(outcome.kind, 'deregistered')
})

t.test('a group that is found late has time for its first look', async (t) => {
  const search = [
    [0, { ...none, missing: [failure('unreachable')] }],
    [23 * s, some],
  ] as const
  const wrap = (balancer: Balancer): Balancer => ({
    ...balancer,
    // The SDK is loaded, and a role assumed.
    look: (group, view, signal) =>
      slept(4 * s, signal).then(() => balancer.look(group, view, signal)),
  })
  const { clock, drain } = drainUnderTest(
    { a: deregisteredAt(5 * s, 60 * s) },
    { fallbackMs: 27 * s },
    { search, wrap },
  )
  const slept = (ms: number, signal: AbortSignal) => clock.sleepUntil(clock.now() + ms, signal)
  const { outcome } = await clock.runUntil(drain.join())
  t.equal(outcome.kind, 'deregistered')
})

for (const [what, first] of [
  ['unhealthy', [{ state: 'unhealthy', reason: 'Target.Timeout' }]],
  ['absent', []],
] as const) {
  const late = (
    kind: 'throttled' | 'unreachable',
    fromMs: number,
    toMs: number,
  ): ScriptedGroup => ({
    facts,
    scenes: [
      [0, first],
      [60 * s, [healthy]],
      [fromMs, failure(kind)],
      [toMs, [healthy]],
      [400 * s, [draining]],
      [700 * s, []],
    ],
  })
  const left = deregisteredAt(2 * s, 300 * s)
  t.test(`${what} long ago: a look that fails does not show it anew`, async (t) => {
    for (const kind of ['throttled', 'unreachable'] as const) {
      const { outcome, atMs } = await drainUnderTest({
        a: left,
        b: late(kind, 301 * s, 310 * s),
      }).end()
      t.equal(outcome.kind, 'deregistered')
      t.ok(atMs >= 700 * s, `released at ${atMs}`)
    }
  })

  t.test(`${what} long ago, and then no answers: falls back in time`, async (t) => {
    const { end, looks } = drainUnderTest({ a: left, b: late('unreachable', 301 * s, 1e9) })
    const { outcome, atMs } = await end()
    t.match(outcome, { kind: 'fallback', because: { kind: 'unreachable' } })
    t.ok(atMs > 331 * s && atMs < 340 * s, `released at ${atMs}`)
    t.ok(looks.length < 40, `${looks.length} looks`)
  })
}
