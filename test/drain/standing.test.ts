import t from 'tap'
import { leftServiceBy, settleOfGroup } from '../../src/drain/clear.ts'
import type { Failure, PodSeen } from '../../src/drain/ports.ts'
import { begin, beginGroup, type GroupProgress, type Progress } from '../../src/drain/progress.ts'
import { isOnItsWayOut, standingOf } from '../../src/drain/standing.ts'
import type { GroupFacts } from '../../src/drain/target.ts'
import { drainUnderTest, roomy } from '../support/drain-under-test.ts'
import { draining, failure, healthy, type ScriptedGroup } from '../support/scripted-balancer.ts'

const s = 1_000
const target = { group: 'a', id: '10.0.1.7', port: 8080 }
const missed = { state: 'unused', reason: 'Target.NotRegistered' }

const described = (...missing: Failure['kind'][]) => ({
  described: { answeredAtMs: 0, times: 1, missing: missing.map((kind) => failure(kind)) },
})
const group = (facts: GroupFacts, rest: Partial<GroupProgress> = {}) => ({
  ...beginGroup('a', facts, 0),
  ...rest,
})

t.test('the settle time of a kind that is not known', async (t) => {
  const settle = (one: GroupProgress) => settleOfGroup(one, roomy)
  t.equal(settle(group({})), 120 * s, 'not asked for yet')
  t.equal(settle(group({}, described())), 120 * s, 'not told')
  t.equal(settle(group({}, described('denied'))), 20 * s)
  t.equal(settle(group({}, described('denied', 'throttled'))), 120 * s)
  t.equal(settle(group({ loadBalancer: 'application' })), 20 * s)
  t.equal(settleOfGroup(group({}), { ...roomy, settleMs: 7 }), 7)
})

t.test('the latest moment at which a target left service', async (t) => {
  const facts = { deregistrationDelayMs: 30 * s }
  const left = (known: object, sighting = missed) =>
    leftServiceBy(
      { target, sighting: { target, ...sighting }, phase: { kind: 'gone' }, ...known },
      group(facts),
    )
  const gone = (atMs: number, reason = missed.reason) => ({ gone: { atMs, reason } })
  t.equal(left({ drainingAtMs: 5 * s, ...gone(35 * s) }), 5 * s)
  t.equal(left(gone(100 * s)), 70 * s, 'it drained before it was found finished')
  t.equal(left({ registeredAtMs: 60 * s, ...gone(100 * s) }), 70 * s)
  t.equal(left({ registeredAtMs: 80 * s, ...gone(100 * s) }), 100 * s, 'it cannot have drained')
  t.equal(left(gone(100 * s, 'Target.NotInUse')), 100 * s, 'it did not drain at all')
  t.equal(left({}), Infinity)
})

t.test('the last of the targets tells whether the time alone is proof', async (t) => {
  const one = (port: number, drainingAtMs: number, kind: 'draining' | 'gone') => {
    const named = { ...target, port }
    return {
      ...{ target: named, sighting: { target: named, ...(kind === 'gone' ? missed : draining) } },
      ...{ phase: { kind }, drainingAtMs },
    }
  }
  const says = (gone: number, drains: number) => {
    const crowd = group(
      { deregistrationDelayMs: 30 * s, loadBalancer: 'application' },
      {
        targets: [one(1, gone, 'gone'), one(2, drains, 'draining')],
        truth: { askedAtMs: 95 * s, about: 'group' },
        ...{ attempt: { askedAtMs: 95 * s, answeredAtMs: 95 * s }, othersDraining: 100 },
      },
    )
    return standingOf(crowd, begin([], 0), 100 * s, 500 * s, roomy).kind
  }
  t.equal(says(60 * s, 60 * s), 'clear', 'the timer is the last')
  t.equal(says(80 * s, 50 * s), 'holds', 'the other has settled, and has to be seen so')
})

function progressOf(pod: PodSeen | undefined, ...left: ('left' | 'serves')[]): Progress {
  const targets = left.map((how, port) => ({
    target: { ...target, port },
    sighting: how === 'left' ? draining : healthy,
    phase: { kind: how === 'left' ? 'draining' : 'registered' } as const,
    ...(how === 'left' ? { drainingAtMs: 1 } : {}),
  }))
  const shown = targets.map((one) => ({
    ...one,
    sighting: { target: one.target, ...one.sighting },
  }))
  const known = pod ? { pod: { askedAtMs: 0, answeredAtMs: 0, seen: pod } } : {}
  return { ...begin([], 0), groups: [group({}, { targets: shown })], ...known }
}

t.test('a pod that cannot come back', async (t) => {
  const says = (deletion: PodSeen['deletion']): PodSeen => ({ kind: 'pod', deletion })
  t.equal(isOnItsWayOut(progressOf(undefined, 'left', 'left')), true)
  t.equal(isOnItsWayOut(progressOf(undefined, 'left', 'serves')), false)
  t.equal(isOnItsWayOut(progressOf(undefined)), false)
  t.equal(isOnItsWayOut(progressOf(says('staying'), 'serves')), false)
  t.equal(isOnItsWayOut(progressOf(says('deleting'), 'serves')), true)
  t.equal(isOnItsWayOut(progressOf(says('deleted'), 'serves')), true)
  const unread = { pod: { askedAtMs: 0, answeredAtMs: 0, failure: failure('denied') } }
  t.equal(isOnItsWayOut({ ...progressOf(undefined, 'serves'), ...unread }), false)
})

t.test('never answered: falls back by the deadline, and says so', async (t) => {
  const { clock, drain } = drainUnderTest(
    { a: { scenes: [] } },
    { graceMs: 20 * s },
    {
      wrap: (balancer) => ({
        ...balancer,
        look: (one, view, signal) =>
          clock.sleepUntil(1e9, signal).then(() => balancer.look(one, view, signal)),
      }),
    },
  )
  const { outcome } = await clock.runUntil(drain.join())
  t.strictSame(outcome, {
    kind: 'fallback',
    because: { kind: 'unreachable', said: 'no answer came' },
  })
})

t.test('absent, and then nothing but failures: falls back when they have lasted', async (t) => {
  const scenes = [
    [0, []],
    [1 * s, failure('unreachable')],
  ] as const
  const { outcome, atMs } = await drainUnderTest({ a: { scenes } }).end()
  t.equal(outcome.kind, 'fallback')
  t.equal(atMs, 50_050, 'the first look that failed was due when the pod would have settled')
})

t.test('one of two targets was only missed: a failed look does not confirm it', async (t) => {
  const second = { ...healthy, port: 9090 }
  const world: ScriptedGroup = {
    facts: { deregistrationDelayMs: 300 * s },
    scenes: [
      [0, [healthy, second]],
      [2 * s, [draining, second]],
      [6 * s, []],
      [10 * s, failure('unreachable')],
      [60 * s, [second]],
      [90 * s, [{ ...draining, port: 9090 }]],
      [390 * s, []],
    ],
  }
  const { atMs } = await drainUnderTest({ a: world }).end()
  t.ok(atMs >= 390 * s, `released at ${atMs}`)
})

t.test('what was missed without a settle time is missed twice, seconds apart', async (t) => {
  const world: ScriptedGroup = {
    facts: { deregistrationDelayMs: 0 },
    scenes: [
      [0, [healthy]],
      [2 * s, []],
    ],
  }
  const { atMs } = await drainUnderTest({ a: world }, { settleMs: 0 }).end()
  t.ok(atMs >= 7 * s && atMs < 10 * s, `released at ${atMs}`)
})

t.test('one target gone and the other idle: idle, in whichever order', async (t) => {
  for (const ports of [
    [8080, 9090],
    [9090, 8080],
  ]) {
    const [stays = 0, goes = 0] = ports
    const both = [8080, 9090].map((port) => ({ ...draining, port }))
    const world: ScriptedGroup = {
      facts: { deregistrationDelayMs: 300 * s },
      scenes: [
        [0, both],
        [10 * s, both.filter(({ port }) => port !== goes)],
      ],
    }
    const { outcome } = await drainUnderTest(
      { a: world },
      { releaseWhen: 'idle' },
      { connections: [[0, 0]] },
    ).end()
    t.equal(outcome.kind, 'idle', `${stays} stays`)
  }
})

t.test('settled while the API fails: the settle time, not the timer', async (t) => {
  const scenes = [
    [0, [draining]],
    [5 * s, failure('unreachable')],
  ] as const
  const facts = { deregistrationDelayMs: 100 * s }
  const { outcome, atMs } = await drainUnderTest(
    { a: { facts, scenes } },
    { releaseWhen: 'settled' },
  ).end()
  t.equal(outcome.kind, 'settled')
  t.ok(atMs >= 20 * s && atMs < 35 * s, `released at ${atMs}`)
})

t.test('idle while the API fails: the timer, when connections outlast it', async (t) => {
  const scenes = [
    [0, [draining]],
    [5 * s, failure('unreachable')],
  ] as const
  const facts = { deregistrationDelayMs: 40 * s }
  const { outcome, atMs } = await drainUnderTest(
    { a: { facts, scenes } },
    { releaseWhen: 'idle' },
    {
      connections: [
        [0, 2],
        [49 * s, 0],
      ],
    },
  ).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 50 * s && atMs < 62 * s, `released at ${atMs}`)
})

t.test('a port that is counted for one group says nothing of datagrams in another', async (t) => {
  const drains = (rest: GroupFacts): ScriptedGroup => ({
    facts: { deregistrationDelayMs: 200 * s, ...rest },
    scenes: [
      [0, [draining]],
      [200 * s, []],
    ],
  })
  const { outcome, atMs } = await drainUnderTest(
    { a: drains({ traffic: 'connections' }), b: drains({ traffic: 'datagrams' }) },
    { releaseWhen: 'idle' },
    { connections: [[0, 0]] },
  ).end()
  t.ok(atMs >= 200 * s, `${outcome.kind} at ${atMs}`)
})

t.test('a crowd: of two targets the later one tells whether a look is needed', async (t) => {
  const second = { ...draining, port: 9090 }
  const world: ScriptedGroup = {
    ...{ othersDraining: 500, size: 600 },
    facts: { deregistrationDelayMs: 300 * s },
    scenes: [
      [0, [draining, second]],
      [300 * s, []],
    ],
  }
  const { end, looks } = drainUnderTest({ a: world })
  const { atMs } = await end()
  t.ok(atMs >= 300 * s && atMs < 312 * s, `released at ${atMs}`)
  t.ok(looks.length <= 2)
})
