import t from 'tap'
import { restartEndOf } from '../../../src/drain/judgement/restart.ts'
import type { Progress } from '../../../src/drain/knowledge/progress.ts'
import { whileStaying } from '../../../src/drain/questions/staying.ts'
import { type PodScript, play, secondsOf } from '../../support/drain-under-test.ts'
import {
  drainingSince,
  first,
  goneSince,
  groupWith,
  knowing,
  podSaid,
  registered,
  s,
  within,
} from '../../support/known.ts'
import { deregisteredAt, draining, failure, healthy } from '../../support/scripted-balancer.ts'

const staying = { kind: 'pod', deletion: 'staying' } as const
const deleting = { kind: 'pod', deletion: 'deleting' } as const
const stays = { pod: [[0, staying]] } as const
const serves = { a: { scenes: [[0, [healthy]]] } } as const

t.test('a restart: not deleted, not draining', async (t) => {
  const { ended, looks, changes, clock, drain } = await play(serves, {}, stays)
  t.equal(ended, 'not-terminating at 15.05')
  t.strictSame(secondsOf(looks), [2, 15], 'at the beginning and at the bound')
  t.notOk(changes.some(({ kind }) => kind === 'leaving'))
  const again = await clock.runUntil(drain.join())
  t.match(again, { outcome: { kind: 'not-terminating' }, atMs: 30.1 * s }, 'a drain of its own')
  t.equal(clock.sleepers(), 0)
})

t.test('it does not wait for AWS', async (t) => {
  const down = { a: { scenes: [[0, failure('unreachable')]] } } as const
  t.equal((await play(down, {}, stays)).ended, 'not-terminating at 15.05')
  const silent = { a: { ...serves.a, latencyMs: Infinity } }
  t.equal((await play(silent, {}, stays)).ended, 'not-terminating at 25', 'nor without an answer')
})

t.test('it fits into a short time', async (t) => {
  const ended = async (graceMs: number, limits = {}) =>
    (await play(serves, limits, { pod: [[0, { ...staying, graceMs }]] })).ended
  // Another look would be due ten seconds after the first, when the time is up.
  t.equal(await ended(12 * s), 'not-terminating at 7')
  t.equal(await ended(30 * s, { reserveMs: 30 * s }), 'not-terminating at 0', 'all of it reserve')
})

t.test('where readiness failed first, it waits until its target has settled', async (t) => {
  const facts = { deregistrationDelayMs: 300 * s }
  const left = async (fromMs: number, rest = {}) => {
    const scenes = [
      [0, [healthy]],
      [fromMs, [draining]],
    ] as const
    return (await play({ a: { facts: { ...facts, ...rest }, scenes } }, {}, stays)).ended
  }
  t.equal(await left(0), 'not-terminating at 22.05', 'seen at 2.05')
  t.equal(await left(0, { loadBalancer: 'network' }), 'not-terminating at 122.05')
  t.equal(await left(10 * s), 'not-terminating at 35.05', 'seen at the bound')
  const brief = { a: { facts, scenes: [[0, [draining]]] } } as const
  t.equal((await play(brief, { settleMs: 8 * s }, stays)).ended, 'not-terminating at 15.05')
  const gone = { a: deregisteredAt(8 * s, 100) }
  t.equal((await play(gone, {}, stays)).ended, 'not-terminating at 34.95', 'seen to be gone')
  const sick = { a: { scenes: [[0, [{ state: 'unhealthy' }]]] } } as const
  t.equal((await play(sick, {}, stays)).ended, 'not-terminating at 15.05', 'that is how it comes')
})

t.test('a pod that its kubelet ends without deleting it is drained', async (t) => {
  const ending = { kind: 'pod', deletion: 'ending' } as const
  const { ended, changes } = await play(
    { a: deregisteredAt(18 * s, 30 * s) },
    {},
    { pod: [[0, ending]] },
  )
  t.equal(ended, 'deregistered at 48.822')
  t.equal(changes.filter(({ kind }) => kind === 'leaving').length, 1)
})

t.test('a pod that is deleted by then, or of which nothing is told, is drained', async (t) => {
  const known = { kind: 'pod', deletion: 'cannot-tell', graceMs: 330 * s } as const
  const pods: [PodScript, atSecond: number][] = [
    [
      [
        [0, staying],
        [12 * s, deleting],
      ],
      100.632,
    ],
    // As far as is known it stays, and is looked at each ten seconds.
    [
      [
        [0, staying],
        [14.9 * s, failure('unreachable')],
      ],
      105.05,
    ],
    [
      [
        [0, staying],
        [9 * s, { ...failure('unreachable'), known }],
      ],
      100.346,
    ],
    [[[0, { kind: 'pod', deletion: 'cannot-tell' }]], 100.831],
    [[[0, failure('denied')]], 100.831],
  ]
  for (const [pod, atSecond] of pods) {
    const { ended } = await play({ a: deregisteredAt(40 * s, 60 * s) }, {}, { pod })
    t.equal(ended, `deregistered at ${atSecond}`)
  }
})

t.test(
  'whoever calls again and again costs a look in ten seconds, and is told of nowhere',
  async (t) => {
    const hooksMs = Array.from({ length: 600 }, (_, nth) => nth * s)
    const { ends, looks, changes } = await play(serves, {}, { ...stays, hooksMs })
    t.ok(ends.every(({ outcome }) => outcome.kind === 'not-terminating'))
    t.ok(
      ends.every(({ atMs, hook }) => atMs - hook.arrivedAtMs <= 25.05 * s),
      'each in its time',
    )
    t.ok(looks.length <= 1 + 615 / 10, `${looks.length} looks`)
    t.notOk(changes.some(({ kind }) => kind === 'leaving'))
  },
)

t.test('from when on a hook can be let go', async (t) => {
  const seen = { attempt: { askedAtMs: 15 * s, answeredAtMs: 15 * s } }
  const end = (known: Progress, second = 20, hook = first) => {
    const atMs = restartEndOf(known, hook, second * s, within())
    return atMs === undefined ? 'not known' : atMs / s
  }
  const asked = (second: number, more = {}) =>
    podSaid('staying', {}, { askedAtMs: second * s, answeredAtMs: second * s, ...more })
  const looked = [groupWith([registered()], seen)]
  t.equal(end(knowing(looked, asked(15))), 15)
  t.equal(end(knowing(looked, asked(14.9))), 'not known', 'it may have been deleted since')
  t.equal(end(knowing(looked, asked(15)), 31), 'not known', 'nor does an old answer tell')
  t.equal(end(knowing(looked, asked(15, { failure: failure('denied') }))), 'not known')
  t.equal(end(knowing(looked, podSaid('deleting', {}, { askedAtMs: 15 * s }))), 'not known')
  t.equal(end(knowing(looked, asked(15)), 20, { arrivedAtMs: s }), 'not known', 'by its arrival')
  t.equal(
    end(knowing([...looked, groupWith([registered()])], asked(15))),
    25,
    'the look is waited for',
  )
  const drains = [groupWith([registered(), drainingSince(3 * s)], seen)]
  t.equal(end(knowing([...looked, ...drains], asked(15))), 123, 'the slowest kind')
  const gone = groupWith([goneSince(40 * s)], { ...seen, facts: { deregistrationDelayMs: 30 * s } })
  t.equal(end(knowing([gone], asked(15))), 130)
})

t.test('one look at the beginning and one at the bound, ten seconds apart at least', async (t) => {
  const next = (askedAtSecond: number | undefined, hook = first, lookAtSecond = 7) => {
    const look = { group: 'a', atMs: lookAtSecond * s, pace: 'brisk' } as const
    const at = (askedAtSecond ?? 0) * s
    const { attempt, ...rest } = groupWith([registered()], {
      attempt: { askedAtMs: at, answeredAtMs: at },
    })
    const group = askedAtSecond === undefined || !attempt ? rest : { ...rest, attempt }
    return whileStaying(look, group, knowing([group]), hook, within()).atMs / s
  }
  t.equal(next(undefined), 7)
  t.equal(next(2), 15)
  t.equal(next(9), 19)
  t.equal(next(15), 25, 'later ones wait as well')
  t.equal(next(15, first, 60), 60, 'nor do they come before they would')
  t.equal(next(15, { arrivedAtMs: 12 * s }), 27, 'the bound of that hook')
})

t.test('a pod that stays is held for as long as is set, and looked at twice', async (t) => {
  for (const restartMs of [3 * s, 6 * s, 15 * s, 40 * s]) {
    for (const spread of [0, 0.999]) {
      const { ends, looks } = await play(serves, { restartMs, spread }, stays)
      const heldMs = ends[0]?.atMs ?? 0
      t.equal(ends[0]?.outcome.kind, 'not-terminating')
      t.ok(heldMs >= restartMs && heldMs < restartMs + 1 * s, `${restartMs}: held for ${heldMs}`)
      t.equal(looks.length, 2)
    }
  }
})

t.test('whoever calls again and again costs no more than a look in ten seconds', async (t) => {
  const hooksMs = Array.from({ length: 60 }, (_, second) => second * s)
  const { looks } = await play(serves, {}, { ...stays, hooksMs })
  t.ok(looks.length <= 9, `${looks.length} looks in 75 seconds`)
})
