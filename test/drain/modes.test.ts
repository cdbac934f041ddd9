import t from 'tap'
import type { Balancer, PodSeen } from '../../src/drain/ports.ts'
import { drainUnderTest, type PodScript } from '../support/drain-under-test.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
} from '../support/scripted-balancer.ts'

const s = 1_000
const deleting: PodSeen = { kind: 'pod', deletion: 'deleting' }
const staying: PodSeen = { kind: 'pod', deletion: 'staying' }

t.test('settled: released when draining and settled, by a fresh look', async (t) => {
  const { end, looks } = drainUnderTest(
    { a: deregisteredAt(5 * s, 300 * s) },
    { releaseWhen: 'settled' },
  )
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'settled')
  t.ok(atMs >= 25 * s && atMs < 29 * s, `released at ${atMs}`)
  t.ok((looks.at(-1)?.atMs ?? 0) >= 25 * s, 'the last look began when it had settled')
})

t.test('settled: registered again while it settles holds', async (t) => {
  const flap: ScriptedGroup = {
    scenes: [
      [0, [healthy]],
      [3 * s, [draining]],
      [15 * s, [healthy]],
      [40 * s, [draining]],
    ],
  }
  const { outcome, atMs } = await drainUnderTest({ a: flap }, { releaseWhen: 'settled' }).end()
  t.equal(outcome.kind, 'settled')
  t.ok(atMs >= 60 * s && atMs < 66 * s, `released at ${atMs}`)
})

t.test('idle: released when settled and without connections for IDLE_SECONDS', async (t) => {
  const busyUntil = (ms: number) =>
    drainUnderTest(
      { a: deregisteredAt(5 * s, 300 * s) },
      { releaseWhen: 'idle' },
      {
        connections: [
          [0, 3],
          [ms, 0],
        ],
      },
    )
  const early = busyUntil(8 * s)
  const settled = await early.end()
  t.equal(settled.outcome.kind, 'idle')
  t.ok(settled.atMs >= 25 * s && settled.atMs < 29 * s, `released at ${settled.atMs}`)
  t.ok((early.counts[0] ?? 0) >= 20 * s, 'connections are counted only when they matter')
  const late = await busyUntil(100 * s).end()
  t.equal(late.outcome.kind, 'idle')
  t.ok(late.atMs >= 105 * s && late.atMs < 107 * s, `released at ${late.atMs}`)
})

t.test('idle: a connection in between starts the count anew', async (t) => {
  const { outcome, atMs } = await drainUnderTest(
    { a: deregisteredAt(5 * s, 300 * s) },
    { releaseWhen: 'idle' },
    {
      connections: [
        [0, 1],
        [50 * s, 0],
        [54 * s, 1],
        [55 * s, 0],
      ],
    },
  ).end()
  t.equal(outcome.kind, 'idle')
  t.ok(atMs >= 60 * s && atMs < 62 * s, `released at ${atMs}`)
})

t.test('idle: connections that never end are bounded by the deregistration', async (t) => {
  const { outcome, atMs } = await drainUnderTest(
    { a: deregisteredAt(5 * s, 100 * s) },
    { releaseWhen: 'idle' },
    { connections: [[0, 1]] },
  ).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 105 * s && atMs < 107 * s, `released at ${atMs}`)
})

t.test(
  'idle: the deregistration may be over before the port was idle for long enough',
  async (t) => {
    const { outcome, atMs } = await drainUnderTest(
      { a: deregisteredAt(2 * s, 40 * s) },
      { releaseWhen: 'idle', idleMs: 20 * s },
      {
        connections: [
          [0, 1],
          [35 * s, 0],
        ],
      },
    ).end()
    t.equal(outcome.kind, 'deregistered')
    t.ok(atMs >= 42 * s && atMs < 44 * s, `released at ${atMs}`)
  },
)

t.test('idle: without a readable table like deregistered, and said once', async (t) => {
  const { end, changes } = drainUnderTest(
    { a: deregisteredAt(5 * s, 100 * s) },
    { releaseWhen: 'idle' },
  )
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 105 * s, `released at ${atMs}`)
  t.equal(changes.filter(({ kind }) => kind === 'uncounted').length, 1)
})

t.test('idle: after a freeze, what was counted before does not count', async (t) => {
  const { clock, drain } = drainUnderTest(
    { a: deregisteredAt(5 * s, 600 * s) },
    { releaseWhen: 'idle' },
    {
      connections: [
        [0, 1],
        [40 * s, 0],
        [43 * s, 1],
        [200 * s, 0],
      ],
    },
  )
  const end = drain.join()
  await clock.advance(42 * s)
  await clock.freeze(160 * s)
  const { atMs } = await clock.runUntil(end)
  t.ok(atMs >= 205 * s, `released at ${atMs}`)
})

t.test('a group of nodes: the settle time, no looks that cannot tell, and said', async (t) => {
  const nodes: ScriptedGroup = {
    facts: { targetType: 'instance', loadBalancer: 'network' },
    scenes: [],
  }
  const { end, looks, changes } = drainUnderTest({ a: nodes })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'settled')
  t.equal(atMs, 120 * s)
  t.equal(looks.length, 1)
  t.equal(changes.filter(({ kind }) => kind === 'nodes').length, 1)
})

t.test('a group of nodes settles from the latest hook on', async (t) => {
  const nodes: ScriptedGroup = {
    ...{ facts: { targetType: 'instance', loadBalancer: 'network' }, scenes: [] },
  }
  const { clock, drain } = drainUnderTest({ a: nodes })
  const first = drain.join()
  await clock.advance(119 * s)
  drain.join()
  t.equal((await clock.runUntil(first)).atMs, 239 * s)
})

t.test('a group of nodes by its binding, which does not tell the protocol', async (t) => {
  const nodes: ScriptedGroup = {
    ...{ facts: { targetType: 'instance', loadBalancer: 'application' }, scenes: [] },
  }
  const groups = [{ group: 'a', facts: { targetType: 'instance' } }] as const
  const search = [[0, { kind: 'found', groups, missing: [], narrowed: [] }]] as const
  const { outcome, atMs } = await drainUnderTest({ a: nodes }, {}, { search }).end()
  t.equal(outcome.kind, 'settled')
  t.equal(atMs, 20 * s)
})

t.test('idle: traffic that is not known is not taken for connections', async (t) => {
  const world: ScriptedGroup = {
    facts: { deregistrationDelayMs: 100 * s },
    missing: [failure('denied')],
    scenes: [
      [0, [draining]],
      [100 * s, []],
    ],
  }
  // The kind may not be asked for, and the delay may.
  const wrap = (balancer: Balancer): Balancer => ({
    ...balancer,
    async describe(...asked) {
      const described = await balancer.describe(...asked)
      return { ...described, facts: world.facts ?? {} }
    },
  })
  const idle = { releaseWhen: 'idle' } as const
  const { end, changes } = drainUnderTest({ a: world }, idle, { wrap, connections: [[0, 0]] })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 100 * s, `released at ${atMs}`)
  t.equal(changes.filter(({ kind }) => kind === 'unknown-traffic').length, 1)
})

const stays: PodScript = [[0, staying]]

t.test('a restart: not deleted, not draining', async (t) => {
  const { clock, drain, end } = drainUnderTest(
    { a: { scenes: [[0, [healthy]]] } },
    {},
    { pod: stays },
  )
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'not-terminating')
  t.ok(atMs >= 15 * s && atMs < 15.1 * s, `released at ${atMs}`)
  const again = await clock.runUntil(drain.join())
  t.equal(again.outcome.kind, 'not-terminating')
  t.ok(again.atMs >= 30 * s, 'a later hook is a drain of its own')
  t.equal(clock.sleepers(), 0)
})

t.test('a restart is a restart when AWS is down, too', async (t) => {
  const down = { a: { scenes: [[0, failure('unreachable')]] } as const }
  const { outcome, atMs } = await drainUnderTest(down, {}, { pod: stays }).end()
  t.equal(outcome.kind, 'not-terminating')
  t.ok(atMs < 15.1 * s)
})

t.test('a restart that turns into a deletion is drained', async (t) => {
  const pod: PodScript = [
    [0, staying],
    [12 * s, deleting],
  ]
  const { outcome, atMs } = await drainUnderTest(
    { a: deregisteredAt(30 * s, 60 * s) },
    {},
    { pod },
  ).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 90 * s && atMs < 96 * s, `released at ${atMs}`)
})

t.test('no deletion, but draining: somebody deregistered it, so it is drained', async (t) => {
  const { outcome, atMs } = await drainUnderTest(
    { a: deregisteredAt(10 * s, 60 * s) },
    {},
    { pod: stays },
  ).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 70 * s, `released at ${atMs}`)
})

t.test('no deletion, but gone without being seen to drain: it was deregistered, too', async (t) => {
  const group = { a: deregisteredAt(8 * s, 100) }
  const { outcome, atMs } = await drainUnderTest(group, {}, { pod: stays }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 28 * s && atMs < 31 * s, `released at ${atMs}`)
})

t.test('no deletion, and unhealthy: that is how restarts come about', async (t) => {
  const group = { a: { scenes: [[0, [{ state: 'unhealthy' }]]] } as const }
  const { outcome } = await drainUnderTest(group, {}, { pod: stays }).end()
  t.equal(outcome.kind, 'not-terminating')
})

t.test('nobody can tell whether it is a restart: held', async (t) => {
  const pods: PodScript[] = [
    [[0, { kind: 'pod', deletion: 'cannot-tell' }]],
    [[0, failure('denied')]],
  ]
  for (const pod of pods) {
    const { outcome } = await drainUnderTest(
      { a: deregisteredAt(40 * s, 60 * s) },
      {},
      { pod },
    ).end()
    t.equal(outcome.kind, 'deregistered')
  }
})

t.test('the pod answers no more at the bound of a restart: held', async (t) => {
  const pod: PodScript = [
    [0, staying],
    [10 * s, failure('unreachable')],
  ]
  const { outcome } = await drainUnderTest({ a: deregisteredAt(40 * s, 60 * s) }, {}, { pod }).end()
  t.equal(outcome.kind, 'deregistered')
})

t.test("the pod's own deadline beats the setting, and a shorter one is honoured", async (t) => {
  const pod: PodScript = [
    [0, { ...deleting, graceEndsAtMs: 120 * s }],
    [30 * s, { ...deleting, graceEndsAtMs: 60 * s }],
  ]
  const group = { a: deregisteredAt(3 * s, 300 * s) }
  const { outcome, atMs } = await drainUnderTest(group, { graceMs: 20 * s }, { pod }).end()
  t.equal(outcome.kind, 'deadline')
  t.equal(atMs, 55 * s)
  const past: PodScript = [
    [0, deleting],
    [30 * s, { ...deleting, graceEndsAtMs: 31 * s }],
  ]
  const cut = await drainUnderTest(group, {}, { pod: past }).end()
  t.equal(cut.outcome.kind, 'deadline')
  t.ok(cut.atMs < 36 * s, `released at ${cut.atMs}`)
})

t.test(
  'idle: traffic without connections waits for the delay, and that is said once',
  async (t) => {
    const udp = {
      ...deregisteredAt(5 * s, 300 * s),
      facts: {
        deregistrationDelayMs: 300 * s,
        loadBalancer: 'network' as const,
        traffic: 'datagrams' as const,
      },
    }
    const { end, counts, changes } = drainUnderTest(
      { a: udp },
      { releaseWhen: 'idle' },
      { connections: [[0, 0]] },
    )
    const { outcome, atMs } = await end()
    t.equal(outcome.kind, 'deregistered')
    t.ok(atMs >= 305 * s && atMs < 307 * s, `released at ${atMs}`)
    t.equal(counts.length, 0)
    t.equal(changes.filter(({ kind }) => kind === 'datagrams').length, 1)
  },
)
