import t from 'tap'
import type { Change } from '../../../src/drain/account/change.ts'
import { createDrain } from '../../../src/drain/drain.ts'
import type { Balancer } from '../../../src/drain/ports.ts'
import {
  blind,
  deleted,
  drainUnderTest,
  play,
  roomy,
  secondsOf,
} from '../../support/drain-under-test.ts'
import { s } from '../../support/known.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
  scriptedBalancer,
} from '../../support/scripted-balancer.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const serves: ScriptedGroup = { scenes: [[0, [healthy]]] }
const minute = { graceMs: 60 * s }

const releases = (changes: readonly Change[]) =>
  changes.flatMap((change) =>
    change.kind === 'released'
      ? [[change.end.outcome.kind, change.end.hook.arrivedAtMs / s, change.hooks]]
      : [],
  )

t.test('hooks that are released together, and for what, are told of once', async (t) => {
  const hooksMs = [0, 0.05 * s, 3 * s, 7 * s]
  const left = await play({ a: deregisteredAt(5 * s, 30 * s) }, {}, { hooksMs })
  t.equal(left.ended, Array(4).fill('deregistered at 35.168').join(', '))
  t.strictSame(releases(left.changes), [['deregistered', 0, 4]])
  const late = await play({ a: serves }, minute, { hooksMs })
  t.equal(late.ended, 'deadline at 55, deadline at 55, deadline at 58, deadline at 62')
  t.strictSame(releases(late.changes), [
    ['deadline', 0, 2],
    ['deadline', 3, 1],
    ['deadline', 7, 1],
  ])
})

t.test('who is released for another reason at the same moment is told of apart', async (t) => {
  const deleted = { kind: 'pod', deletion: 'deleting', graceEndsAtMs: 30 * s } as const
  const nodes: ScriptedGroup = {
    ...{ targetType: 'instance', scenes: [] },
    facts: { targetType: 'instance', loadBalancer: 'application' },
  }
  // For the first the settle time is over at the deadline, for the second it is not.
  const stage = { hooksMs: [0, 10 * s], pod: [[0, deleted]] } as const
  const { ended, changes } = await play({ a: nodes }, { settleMs: 25 * s }, stage)
  t.equal(ended, 'settled at 25, deadline at 25')
  t.strictSame(releases(changes), [
    ['settled', 0, 1],
    ['deadline', 10, 1],
  ])
})

t.test('frozen over the end: decides by a look that began afterwards', async (t) => {
  const back: ScriptedGroup = {
    facts: { deregistrationDelayMs: 60 * s },
    scenes: [
      [0, [healthy]],
      [3 * s, [draining]],
      [63 * s, []],
      [64 * s, [healthy]],
      [150 * s, [draining]],
      [210 * s, []],
    ],
  }
  const { ended, looks } = await play({ a: back }, {}, { freezes: [[63.1 * s, 123.1 * s]] })
  t.match(ended, /^deregistered at 21/)
  t.ok(looks.length < 40, `${looks.length} looks`)
})

t.test('frozen over the fallback time before anything was learnt: looks first', async (t) => {
  const late = { a: { ...deregisteredAt(70 * s, 30 * s), latencyMs: 600 } }
  for (const toMs of [30.1 * s, 42 * s]) {
    const { ended } = await play(late, {}, { freezes: [[2.1 * s, toMs]] })
    t.match(ended, /^deregistered at 10[01]/)
  }
  const down = { a: { scenes: [[0, failure('unreachable')]] } } as const
  const { ended } = await play(down, {}, { freezes: [[2.01 * s, 42 * s]] })
  t.equal(ended, 'fallback at 47', 'nor is there anything to learn afterwards')
})

t.test('who wakes a little late was not frozen, nor who puts a question long due', async (t) => {
  const thawed = async (...of: Parameters<typeof play>) =>
    (await play(...of)).drain.state()?.progress.thawedAtMs
  const left = { a: deregisteredAt(5 * s, 30 * s) }
  t.equal(await thawed(left, {}, { freezes: [[3 * s, 3.9 * s]] }), undefined)
  t.equal(await thawed(left, {}, { freezes: [[3 * s, 6 * s]] }), 6 * s)
  // That it has settled long ago is known when its kind is: it is looked at at once.
  const undescribed = { because: 'malformed', untilMs: 50 * s } as const
  t.equal(await thawed({ a: { ...deregisteredAt(1 * s, 5 * s), undescribed } }), undefined)
})

t.test('a question that hangs: released all the same, and nothing is left behind', async (t) => {
  const { ended, clock } = await play(
    { a: { ...serves, latencyMs: Infinity } },
    { graceMs: 20 * s },
  )
  t.equal(ended, 'fallback at 15')
  await clock.advance(1 * s)
  t.equal(clock.sleepers(), 0)
})

t.test('a port that throws, against its contract, lets nothing go', async (t) => {
  const broken = async () => {
    throw new Error('a bug')
  }
  const wrap = () => ({ look: broken, describe: broken })
  const { ended, ends } = await play({ a: serves }, {}, { wrap })
  t.equal(ended, 'fallback at 30')
  t.match(ends, [{ outcome: { because: { kind: 'malformed', said: /a bug/ } } }])
})

t.test('a listener that throws decides nothing', async (t) => {
  const clock = createVirtualClock()
  const drain = createDrain({
    ports: { ...blind, balancer: scriptedBalancer(clock, { a: deregisteredAt(1 * s, 60 * s) }) },
    ...{ clock, groups: ['a'], limits: roomy },
    tell() {
      throw new Error('a bug')
    },
  })
  t.match(await clock.runUntil(drain.join()), { outcome: { kind: 'deregistered' } })
})

t.test('the decision itself breaks: every hook is held as a sleep would hold it', async (t) => {
  const wrap = (balancer: Balancer): Balancer => ({
    ...balancer,
    look: async () => undefined as never,
  })
  const hooksMs = [0, 0.05 * s, 25 * s]
  const { ended, ends, changes } = await play({ a: serves }, {}, { wrap, hooksMs })
  t.equal(ended, 'fallback at 30, fallback at 30, fallback at 55')
  t.match(ends[0], { outcome: { because: { said: /internal error/ } } })
  t.strictSame(releases(changes), [
    ['fallback', 0, 2],
    ['fallback', 25, 1],
  ])
  const short = await play({ a: serves }, { graceMs: 20 * s }, { wrap, hooksMs: [0] })
  t.equal(short.ended, 'fallback at 15')
})

t.test('a drain as it stands, while hooks come and go', async (t) => {
  const { clock, drain } = drainUnderTest({ a: serves }, minute)
  t.strictSame([drain.state(), drain.joined()], [undefined, undefined])
  const first = drain.join()
  t.match(drain.state(), { hooks: 1, held: 1, hook: { arrivedAtMs: 0 } }, 'at once')
  t.equal(drain.join(), first, 'those who come together have one promise')
  await clock.advance(10 * s)
  const late = drain.join()
  t.not(late, first)
  t.match(drain.state(), { hooks: 3, held: 3 })
  const over = drain.joined()
  await clock.runUntil(first)
  t.match(drain.state(), { hooks: 3, held: 1, hook: { arrivedAtMs: 10 * s }, end: undefined })
  const end = await clock.runUntil(late)
  t.match(drain.state(), { hooks: 3, held: 0, hook: { arrivedAtMs: 10 * s }, end })
  await over
  t.equal(drain.joined(), undefined, 'another hook would be another drain')
  t.equal(clock.sleepers(), 0)
})

t.test('a flood of hooks costs no more looks than one', async (t) => {
  const hooksMs = Array.from({ length: 500 }, (_, nth) => nth * 10)
  const group = { a: deregisteredAt(5 * s, 30 * s) }
  const [flood, one] = [await play(group, {}, { hooksMs }), await play(group)]
  t.strictSame(secondsOf(flood.looks), secondsOf(one.looks))
  t.ok(flood.ends.every(({ atMs }) => atMs === one.ends[0]?.atMs))
  t.strictSame(releases(flood.changes), [['deregistered', 0, 500]])
})

t.test('an answer that somebody waited for is as old as its call', async (t) => {
  // Asked for after twelve seconds in a queue, and answered at once: within the fifteen in which it is fresh.
  const waitedMs = 12_000
  const slow = (balancer: Balancer): Balancer => ({
    ...balancer,
    async look(group, signal) {
      const sentMs = clock.now()
      await clock.sleepUntil(sentMs + waitedMs, signal)
      return { ...(await balancer.look(group, signal)), askedAtMs: sentMs + waitedMs }
    },
  })
  const stage = drainUnderTest({ a: deregisteredAt(0, 30 * s) }, {}, { ...deleted, wrap: slow })
  const { clock, drain } = stage
  const end = await clock.runUntil(drain.join())
  t.equal(end.outcome.kind, 'deregistered')
  const [group] = drain.state()?.progress.groups ?? []
  const { askedAtMs = 0, answeredAtMs = Infinity } = group?.attempt ?? {}
  t.ok(answeredAtMs - askedAtMs < s, 'the queue is no part of it')
})
