import t from 'tap'
import { afterThrottling, shareMs } from '../../../src/drain/questions/fleet.ts'
import { deleted, play, secondsOf } from '../../support/drain-under-test.ts'
import { groupWith, knowing, s, within } from '../../support/known.ts'
import {
  deregisteredAt,
  draining,
  failure,
  type ScriptedGroup,
} from '../../support/scripted-balancer.ts'

const facts = { deregistrationDelayMs: 300 * s, loadBalancer: 'application' } as const
const spreads = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99]

t.test('all who drain together make five calls a second', async (t) => {
  const share = (othersDraining: number, callsPerSecond = 5) =>
    shareMs(groupWith([], { othersDraining }), within({ callsPerSecond })) / s
  t.strictSame(
    [0, 9, 49, 999].map((others) => share(others)),
    [0.2, 2, 10, 200],
  )
  t.equal(share(99, 10), 10)
})

t.test('who was throttled lets the controller go first, and then doubles the pause', async (t) => {
  const again = (inARow: number, lastSecond: number, unit = 0.5) =>
    afterThrottling(inARow, lastSecond * s, knowing([], { startedAtMs: 100 * s }), unit) / s
  t.strictSame([again(1, 102, 0), again(1, 102), again(1, 102, 1)], [120, 125, 132])
  t.strictSame([again(2, 125, 0), again(2, 125), again(2, 125, 1)], [145, 165, 185])
  t.strictSame([again(3, 200), again(4, 300), again(50, 300)], [280, 420, 420], '120 s at the most')
})

/** One of a thousand pods that were deregistered together. */
const oneOfMany: ScriptedGroup = {
  ...{ facts, othersDraining: 999 },
  scenes: [
    [0, [draining]],
    [300 * s, []],
  ],
}

t.test('in a crowd the timer of a pod that is deleted needs no look', async (t) => {
  const crowd = await play({ a: oneOfMany }, {}, deleted)
  t.equal(crowd.ended, 'deregistered at 305.05', 'three seconds after its latest end')
  t.strictSame(secondsOf(crowd.looks), [2])
  const settled = await play({ a: oneOfMany }, { releaseWhen: 'settled' }, deleted)
  t.equal(settled.ended, 'settled at 22.05')
  t.strictSame(secondsOf(settled.looks), [2])
  const two = { ...oneOfMany, scenes: [[0, [draining, { ...draining, port: 9090 }]]] } as const
  t.equal((await play({ a: two }, {}, deleted)).ended, 'deregistered at 305.05')
})

t.test('a crowd that may come back does not look all at once when the delay is over', async (t) => {
  const plays = spreads.map((spread) =>
    play({ a: { ...oneOfMany, othersDraining: 99 } }, { spread }),
  )
  const lastLooks = (await Promise.all(plays)).map(({ looks, ends }) => {
    t.ok(looks.length <= 3, `${looks.length} looks`)
    return [looks.at(-1)?.atMs ?? 0, ends[0]?.outcome.kind] as const
  })
  t.ok(
    lastLooks.every(([atMs, kind]) => atMs >= 300 * s && atMs < 340 * s && kind === 'deregistered'),
  )
  t.ok(new Set(lastLooks.map(([atMs]) => Math.floor(atMs / (2 * s)))).size >= 7, 'they spread')
})

t.test('throttling is no outage: nobody falls back for it', async (t) => {
  const scenes = [
    [0, failure('throttled')],
    [90 * s, [draining]],
    [305 * s, []],
  ] as const
  const { ended, looks } = await play({ a: { facts, scenes } })
  t.equal(ended, 'deregistered at 314.869')
  t.ok(looks.filter(({ atMs }) => atMs < 90 * s).length <= 3)
  const busy = { a: { facts, scenes: [[0, failure('throttled')]] } } as const
  const { ends } = await play(busy, { graceMs: 120 * s })
  t.match(ends, [{ atMs: 115 * s, outcome: { kind: 'fallback', because: { kind: 'throttled' } } }])
})

t.test('throttled at first: asks again when the controller has had its time', async (t) => {
  const throttled = { a: { facts, scenes: [[0, failure('throttled')]] } } as const
  for (const graceMs of [30 * s, 60 * s, 1_000 * s]) {
    for (const spread of spreads) {
      const { looks, descriptions } = await play(throttled, { spread, graceMs }, deleted)
      const [first = 99, again = 20] = secondsOf(looks)
      t.ok(first <= 12 && again >= 20, `${first} ${again}`)
      t.ok(looks.length <= 12, `${looks.length} looks`)
      t.equal(descriptions.length, 0)
    }
  }
})

t.test('one pod that was throttled for its first seconds is not given up', async (t) => {
  const scenes = [
    [0, failure('throttled')],
    [3 * s, failure('throttled')],
    [6 * s, [draining]],
    [33 * s, []],
  ] as const
  const short = { deregistrationDelayMs: 30 * s }
  for (const graceMs of [60 * s, 300 * s]) {
    for (const spread of spreads) {
      const alone = { a: { facts: short, scenes } }
      const quick = await play(alone, { spread, graceMs, settleMs: 10 * s }, deleted)
      const [end] = quick.ends
      t.ok(end && end.atMs >= 33 * s && end.atMs <= 43 * s, `${spread}: ${quick.ended}`)
      // Its settle time counts from when it was seen to drain.
      const usual = await play(alone, { spread, graceMs }, deleted)
      const [, again] = secondsOf(usual.looks)
      t.ok(
        usual.ends[0] && usual.ends[0].atMs <= Math.max(33 * s, (again ?? 0) * s + 20 * s) + s,
        `${spread}: ${usual.ended}`,
      )
    }
  }
})

t.test('a group is described when the pod has left, and once', async (t) => {
  const { descriptions, changes } = await play({ a: deregisteredAt(8 * s, 30 * s) })
  t.strictSame(secondsOf(descriptions), [14])
  t.strictSame(descriptions[0]?.wanted, ['delay', 'kind'])
  t.notOk(changes.some(({ kind }) => kind === 'undescribed'))
})

t.test(
  'in a crowd whose groups are named, the kind of load balancer is learnt all the same',
  async (t) => {
    for (const spread of [0.1, 0.5, 0.9]) {
      const web = { ...deregisteredAt(5 * s, 30 * s), othersDraining: 200 }
      const { ended, descriptions } = await play({ web }, { spread, graceMs: 55 * s }, deleted)
      t.match(ended, /^(settled, cut,|deregistered) at/)
      t.match(descriptions, [{ wanted: ['kind'] }])
    }
  },
)
