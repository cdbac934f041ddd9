import t from 'tap'
import { createDrain } from '../../src/drain/drain.ts'
import type { Balancer } from '../../src/drain/ports.ts'
import { blind, drainUnderTest, roomy } from '../support/drain-under-test.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
  scriptedBalancer,
} from '../support/scripted-balancer.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const s = 1_000

t.test('releases within a look of the end of the delay, asleep in between', async (t) => {
  const { end, looks } = drainUnderTest({ a: deregisteredAt(5 * s, 300 * s) })
  const { outcome, atMs } = await end()
  t.strictSame(outcome, { kind: 'deregistered' })
  t.ok(atMs >= 305 * s && atMs < 306.5 * s, `released at ${atMs}`)
  t.ok(looks.length <= 12, `${looks.length} looks`)
  t.equal(looks.filter(({ atMs }) => atMs > 10 * s && atMs < 300 * s).length, 0)
  const late = looks.filter(({ atMs }) => atMs > 10 * s)
  t.ok(
    late.every(({ view }) => view === 'named'),
    'listed until it drains, named from then on',
  )
})

t.test('a delay shorter than the settle time waits for the settle time', async (t) => {
  const { end } = drainUnderTest({ a: deregisteredAt(5 * s, 2 * s) })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 25 * s && atMs < 29 * s, `released at ${atMs}`)
})

t.test('an NLB settles for 120 s; SETTLE_SECONDS beats the kind', async (t) => {
  const nlb = {
    ...deregisteredAt(5 * s, 60 * s),
    facts: { deregistrationDelayMs: 60 * s, loadBalancer: 'network' as const },
  }
  const { atMs } = await drainUnderTest({ a: nlb }).end()
  t.ok(atMs >= 125 * s && atMs < 130 * s, `released at ${atMs}`)
  const told = await drainUnderTest({ a: nlb }, { settleMs: 30 * s }).end()
  t.ok(told.atMs >= 65 * s && told.atMs < 67 * s, `released at ${told.atMs}`)
})

t.test('every target of every group must be gone', async (t) => {
  const two: ScriptedGroup = {
    facts: { deregistrationDelayMs: 100 * s },
    scenes: [
      [0, [healthy, { ...healthy, port: 9090 }]],
      [3 * s, [draining, { ...healthy, port: 9090 }]],
      [30 * s, [draining, { ...draining, port: 9090 }]],
      [103 * s, [{ ...draining, port: 9090 }]],
      [130 * s, []],
    ],
  }
  const { end } = drainUnderTest({ a: two, b: deregisteredAt(4 * s, 30 * s) })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 130 * s && atMs < 133 * s, `released at ${atMs}`)
})

t.test('a group that was gone long ago is looked at again before the release', async (t) => {
  const { end, looks } = drainUnderTest({
    a: deregisteredAt(2 * s, 30 * s),
    b: deregisteredAt(2 * s, 300 * s),
  })
  const { atMs } = await end()
  const last = looks.findLast(({ group }) => group === 'a')
  t.ok((last?.atMs ?? 0) > 302 * s, 'fresh')
  t.ok(atMs < 304 * s, `released at ${atMs}`)
  t.ok(looks.filter(({ group }) => group === 'a').length < 12)
})

t.test('a pod in no group: two looks, some seconds apart', async (t) => {
  const none: ScriptedGroup = { facts: { deregistrationDelayMs: 300 * s }, scenes: [] }
  const { end, looks } = drainUnderTest({ a: none })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'unregistered')
  t.equal(looks.length, 2)
  t.ok(atMs >= 5 * s && atMs < 6 * s, `released at ${atMs}`)
})

t.test('a pod in no group whose delay is short may just have left it: it settles', async (t) => {
  const none: ScriptedGroup = { facts: { deregistrationDelayMs: 4 * s }, scenes: [] }
  const { atMs } = await drainUnderTest({ a: none }).end()
  t.ok(atMs >= 16 * s && atMs < 17 * s, `released at ${atMs}`)
})

t.test('it may have left the group while the first answer was on its way', async (t) => {
  const slow: ScriptedGroup = { facts: { deregistrationDelayMs: 4 * s }, scenes: [] }
  const { clock, drain } = drainUnderTest(
    { a: slow },
    {},
    {
      wrap: (balancer) => ({
        ...balancer,
        async look(group, view, signal) {
          if (clock.now() === 0) await clock.sleepUntil(3 * s, signal)
          return balancer.look(group, view, signal)
        },
      }),
    },
  )
  const { atMs } = await clock.runUntil(drain.join())
  t.ok(atMs >= 19 * s && atMs < 20 * s, `released at ${atMs}`)
})

t.test('a registration in flight is followed to its end', async (t) => {
  const late: ScriptedGroup = {
    facts: { deregistrationDelayMs: 60 * s },
    scenes: [
      [0, []],
      [3 * s, [{ state: 'initial', reason: 'Elb.RegistrationInProgress' }]],
      [8 * s, [draining]],
      [68 * s, []],
    ],
  }
  const { outcome, atMs } = await drainUnderTest({ a: late }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 68 * s && atMs < 71 * s, `released at ${atMs}`)
})

t.test('registered again while draining: what counts is the later draining', async (t) => {
  const flap: ScriptedGroup = {
    facts: { deregistrationDelayMs: 30 * s },
    scenes: [
      [0, [healthy]],
      [3 * s, [draining]],
      [20 * s, [healthy]],
      [50 * s, [draining]],
      [80 * s, []],
    ],
  }
  const { outcome, atMs } = await drainUnderTest({ a: flap }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 80 * s && atMs < 84 * s, `released at ${atMs}`)
})

t.test('a state that nobody knows holds', async (t) => {
  const novel: ScriptedGroup = { scenes: [[0, [{ state: 'hibernating' }]]] }
  const { outcome, atMs } = await drainUnderTest({ a: novel }, { graceMs: 60 * s }).end()
  t.equal(outcome.kind, 'deadline')
  t.equal(atMs, 55 * s)
})

t.test('unhealthy lets go after the settle time, unless the group fails open', async (t) => {
  const sick: ScriptedGroup = { scenes: [[0, [{ state: 'unhealthy' }]]] }
  const { outcome, atMs } = await drainUnderTest({ a: sick }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 20 * s && atMs < 22 * s, `released at ${atMs}`)
  const open: ScriptedGroup = { ...sick, health: 'failing-open' }
  const held = await drainUnderTest({ a: open }, { graceMs: 60 * s }).end()
  t.equal(held.outcome.kind, 'deadline')
})

t.test('unhealthy in a group that fails open: served until it is gone', async (t) => {
  const { end } = drainUnderTest({
    a: {
      health: 'failing-open',
      scenes: [
        [0, [healthy]],
        [1 * s, [{ state: 'unhealthy' }]],
        [4 * s, []],
      ],
    },
  })
  const { atMs } = await end()
  t.ok(atMs >= 24 * s, `released at ${atMs}`)
})

t.test(
  'unused for another reason, and then finished: it was served until the former',
  async (t) => {
    const detached: ScriptedGroup = {
      scenes: [
        [0, [healthy]],
        [1_500, [{ state: 'unused', reason: 'Target.NotInUse' }]],
        [12 * s, []],
      ],
    }
    const network = { deregistrationDelayMs: 10 * s, loadBalancer: 'network' as const }
    const { clock, drain } = drainUnderTest(
      { a: detached, b: deregisteredAt(0, 60 * s) },
      {},
      {
        wrap: (balancer) => ({
          ...balancer,
          // That the settle time is a long one becomes known when the pod has finished.
          async describe(group, known, signal) {
            if (group !== 'a') return balancer.describe(group, known, signal)
            if (clock.now() > 15 * s) return { kind: 'described', facts: network, missing: [] }
            return { kind: 'described', facts: {}, missing: [failure('throttled')] }
          },
        }),
      },
    )
    const { atMs } = await clock.runUntil(drain.join())
    t.ok(atMs >= 121_500, `released at ${atMs}`)
  },
)

t.test('the deadline: says how long it would have taken', async (t) => {
  const { end } = drainUnderTest({ a: deregisteredAt(3 * s, 300 * s) }, { graceMs: 30 * s })
  const { outcome, atMs } = await end()
  t.equal(atMs, 25 * s)
  t.equal(outcome.kind, 'deadline')
  const needed = outcome.kind === 'deadline' ? (outcome.neededMs ?? 0) : 0
  t.ok(needed >= 303 * s && needed < 306 * s, `needed ${needed}`)
})

t.test('nothing learnt: the fallback time, never beyond the deadline', async (t) => {
  const scenes = [[0, failure('denied')]] as const
  const { outcome, atMs } = await drainUnderTest({ a: { scenes } }).end()
  t.equal(atMs, 30 * s)
  t.match(outcome, { kind: 'fallback', because: { kind: 'denied' } })
  const short = await drainUnderTest({ a: { scenes } }, { graceMs: 20 * s }).end()
  t.equal(short.atMs, 15 * s)
  t.equal(short.outcome.kind, 'fallback')
})

t.test('a group of which nothing is learnt does not cut short the others', async (t) => {
  const { end } = drainUnderTest({
    a: { scenes: [[0, failure('unreachable')]] },
    b: deregisteredAt(3 * s, 60 * s),
  })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'fallback')
  t.ok(atMs >= 63 * s && atMs < 66 * s, `released at ${atMs}`)
})

for (const kind of ['throttled', 'denied', 'unreachable', 'malformed'] as const) {
  t.test(`${kind} for a while: held, and followed when it is over`, async (t) => {
    const { end, changes } = drainUnderTest({
      a: {
        facts: { deregistrationDelayMs: 60 * s },
        scenes: [
          [0, [healthy]],
          [2 * s, failure(kind)],
          [32 * s, [draining]],
          [66 * s, []],
        ],
      },
    })
    const { outcome, atMs } = await end()
    t.equal(outcome.kind, 'deregistered')
    // One that is throttled stays away for a minute or two.
    const latestMs = kind === 'throttled' ? 220 * s : 76 * s
    t.ok(atMs >= 66 * s && atMs < latestMs, `released at ${atMs}`)
    t.equal(changes.filter((change) => change.kind === 'trouble').length, 1)
    t.equal(changes.filter((change) => change.kind === 'recovered').length, 1)
  })

  t.test(`${kind} from the last healthy look on: held to the deadline`, async (t) => {
    const scenes = [
      [0, [healthy]],
      [3 * s, failure(kind)],
    ] as const
    const { outcome, atMs } = await drainUnderTest({ a: { scenes } }, { graceMs: 90 * s }).end()
    t.equal(outcome.kind, 'deadline')
    t.equal(atMs, 85 * s)
  })
}

t.test('draining, then no answers any more: the timer is the proof', async (t) => {
  const { end } = drainUnderTest({
    a: {
      facts: { deregistrationDelayMs: 60 * s },
      scenes: [
        [0, [healthy]],
        [3 * s, [draining]],
        [10 * s, failure('throttled')],
      ],
    },
  })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 63 * s && atMs < 80 * s, `released at ${atMs}`)
})

t.test('without the delay: a slow steady pace, and no release before the end', async (t) => {
  const blind = { ...deregisteredAt(3 * s, 120 * s), facts: {}, missing: [failure('denied')] }
  const { end, looks, changes } = drainUnderTest({ a: blind })
  const { atMs } = await end()
  t.ok(atMs >= 123 * s && atMs < 136 * s, `released at ${atMs}`)
  t.ok(looks.length < 20, `${looks.length} looks`)
  t.equal(changes.filter((change) => change.kind === 'undescribed').length, 1)
})

t.test('draining by name long past its end: the listing decides', async (t) => {
  const { end, looks } = drainUnderTest(
    { a: deregisteredAt(3 * s, 30 * s) },
    {},
    {
      wrap: (balancer) => ({
        ...balancer,
        look: (group, view, signal) =>
          view.kind === 'listing'
            ? balancer.look(group, view, signal)
            : Promise.resolve({
                kind: 'seen',
                sightings: view.targets.map((target) => ({ target, state: 'draining' })),
                group: 'unknown',
              }),
      }),
    },
  )
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs < 60 * s, `released at ${atMs}`)
  t.equal(looks.at(-1)?.view, 'listing')
})

t.test('the group is deleted: it lets go after the settle time', async (t) => {
  const scenes = [
    [0, [healthy]],
    [4 * s, failure('gone')],
  ] as const
  const { outcome, atMs } = await drainUnderTest({ a: { scenes } }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 24 * s && atMs < 28 * s, `released at ${atMs}`)
})

t.test('a group that never was: unregistered', async (t) => {
  const { outcome, atMs } = await drainUnderTest({ a: { scenes: [[0, failure('gone')]] } }).end()
  t.equal(outcome.kind, 'unregistered')
  t.ok(atMs < 7 * s, `released at ${atMs}`)
})

t.test('frozen over the end: decides by a look that began afterwards', async (t) => {
  const { clock, drain, looks } = drainUnderTest({
    a: {
      facts: { deregistrationDelayMs: 60 * s },
      scenes: [
        [0, [healthy]],
        [3 * s, [draining]],
        [63 * s, []],
        [64 * s, [healthy]],
        [150 * s, [draining]],
        [210 * s, []],
      ],
    },
  })
  const end = drain.join()
  await clock.advance(63_100)
  await clock.freeze(60 * s)
  const { atMs } = await clock.runUntil(end)
  t.ok(atMs >= 210 * s, `released at ${atMs}`)
  t.ok(looks.length < 40)
})

t.test('frozen over the fallback time before anything was learnt: looks first', async (t) => {
  const group = { a: deregisteredAt(70 * s, 30 * s) }
  const { clock, drain } = drainUnderTest(
    group,
    {},
    {
      wrap: (balancer) => ({
        ...balancer,
        async look(group, view, signal) {
          // What was asked before the freeze is answered shortly after it.
          await clock.sleepUntil(40.5 * s, signal)
          return balancer.look(group, view, signal)
        },
      }),
    },
  )
  const end = drain.join()
  await clock.advance(10)
  await clock.freeze(40 * s)
  const { outcome, atMs } = await clock.runUntil(end)
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 100 * s, `released at ${atMs}`)
})

t.test('frozen for most of the fallback time: looks first, too', async (t) => {
  const group = { a: deregisteredAt(70 * s, 30 * s) }
  const { clock, drain } = drainUnderTest(
    group,
    {},
    {
      wrap: (balancer) => ({
        ...balancer,
        async look(group, view, signal) {
          await clock.sleepUntil(30.6 * s, signal)
          return balancer.look(group, view, signal)
        },
      }),
    },
  )
  const end = drain.join()
  await clock.advance(10)
  await clock.freeze(30.5 * s)
  t.equal((await clock.runUntil(end)).outcome.kind, 'deregistered')
})

t.test('frozen, and nothing to learn afterwards either: falls back soon', async (t) => {
  const { clock, drain } = drainUnderTest({ a: { scenes: [[0, failure('unreachable')]] } })
  const end = drain.join()
  await clock.advance(10)
  await clock.freeze(40 * s)
  const { outcome, atMs } = await clock.runUntil(end)
  t.equal(outcome.kind, 'fallback')
  t.ok(atMs > 40 * s && atMs <= 46 * s, `released at ${atMs}`)
})

t.test('one drain, however many hooks; later ones get the same end at once', async (t) => {
  const { clock, drain, looks } = drainUnderTest({ a: deregisteredAt(1 * s, 30 * s) })
  t.equal(drain.state(), undefined)
  const first = drain.join()
  t.match(drain.state(), { hooks: 1, progress: { startedAtMs: 0, groups: [{ group: 'a' }] } })
  t.equal(drain.join(), first, 'before anything is known')
  await clock.advance(10 * s)
  const others = [drain.join(), drain.join()]
  t.equal(others[0], first)
  t.equal(drain.state()?.hooks, 4)
  const end = await clock.runUntil(first)
  t.strictSame(await Promise.all(others), [end, end])
  t.match(drain.state(), { hooks: 4, end })
  const count = looks.length
  t.equal(await drain.join(), end)
  t.equal(looks.length, count)
  t.equal(drain.state()?.hooks, 4, 'none that came when it was over')
  t.equal(clock.sleepers(), 0, 'nothing is left behind')
})

t.test(
  'an end is good until the grace period is over: a later hook is another drain',
  async (t) => {
    const { clock, drain } = drainUnderTest(
      { a: deregisteredAt(5 * s, 30 * s) },
      { graceMs: 60 * s },
    )
    void drain.join()
    const { outcome, atMs } = await clock.runUntil(drain.join())
    t.equal(outcome.kind, 'deregistered')
    await clock.advance(4 * s)
    t.equal((await drain.join()).atMs, atMs, 'the kubelet calls again after its own restart')
    await clock.advance(30 * s)
    t.equal(drain.joined(), undefined)
    t.ok((await clock.runUntil(drain.join())).atMs > atMs)
    t.equal(drain.state()?.hooks, 1)
  },
)

t.test('released at the deadline while a question hangs: nothing is left behind', async (t) => {
  const { clock, end } = drainUnderTest(
    { a: { scenes: [] } },
    { graceMs: 20 * s },
    {
      wrap: (balancer) => ({
        ...balancer,
        look: async (group, view, signal) => {
          await clock.sleepUntil(1e9, signal)
          return balancer.look(group, view, signal)
        },
      }),
    },
  )
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'fallback')
  t.equal(atMs, 15 * s)
  await clock.advance(1 * s)
  t.equal(clock.sleepers(), 0)
})

t.test('a port that throws, against its contract, lets nothing go', async (t) => {
  const broken = async () => {
    await Promise.resolve()
    throw new Error('a bug')
  }
  const { end } = drainUnderTest(
    { a: { scenes: [] } },
    {},
    {
      wrap: () => ({ look: broken, describe: broken }),
    },
  )
  const { outcome, atMs } = await end()
  t.match(outcome, { kind: 'fallback', because: { kind: 'malformed', said: /a bug/ } })
  t.equal(atMs, 30 * s)
})

t.test('a listener that throws decides nothing', async (t) => {
  const clock = createVirtualClock()
  const groups = { a: deregisteredAt(1 * s, 60 * s) }
  const drain = createDrain({
    ports: { ...blind, balancer: scriptedBalancer(clock, groups) },
    clock,
    groups: ['a'],
    limits: roomy,
    tell() {
      throw new Error('a bug')
    },
  })
  const { outcome, atMs } = await clock.runUntil(drain.join())
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 61 * s, `released at ${atMs}`)
})

t.test('the loop breaks, but the hook is held all the same', async (t) => {
  const wrap = (balancer: Balancer): Balancer => ({
    ...balancer,
    look: async () => undefined as never,
  })
  const { end } = drainUnderTest({ a: { scenes: [] } }, {}, { wrap })
  const { outcome, atMs } = await end()
  t.match(outcome, { kind: 'fallback', because: { said: /internal error/ } })
  t.equal(atMs, 30 * s)
  const late = drainUnderTest({ a: { scenes: [] } }, {}, { wrap })
  const held = late.drain.join()
  await late.clock.advance(25 * s)
  late.drain.join()
  t.equal((await late.clock.runUntil(held)).atMs, 55 * s, 'and so is one that joins')
})
