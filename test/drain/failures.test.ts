import t from 'tap'
import { deleted, play } from '../support/drain-under-test.ts'
import { s } from '../support/known.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  showing,
} from '../support/scripted-balancer.ts'

const down = failure('unreachable')

t.test('nothing is learnt: the fallback time, never beyond the deadline', async (t) => {
  const { ended, ends } = await play({ a: showing({ 0: failure('denied') }) })
  t.equal(ended, 'fallback at 30')
  t.match(ends, [{ outcome: { because: { kind: 'denied' } } }])
  t.equal((await play({ a: showing({ 0: down }) }, { graceMs: 20 * s })).ended, 'fallback at 15')
  const quick = await play({ a: deregisteredAt(1 * s, 30 * s) }, { fallbackMs: 0 })
  t.match(quick.ended, /^deregistered/, 'not before a look can have been answered')
})

t.test('a group of which nothing is learnt does not cut short the others', async (t) => {
  const { ended } = await play({ a: showing({ 0: down }), b: deregisteredAt(3 * s, 60 * s) })
  t.equal(ended, 'fallback at 63.95')
  const late = showing({ 0: down, 35: [healthy], 400: [draining], 700: [] }, 300)
  const both = await play({ a: deregisteredAt(5 * s, 300 * s), b: late })
  t.match(both.ended, /^deregistered at 70/, 'it is looked at as long as they hold')
})

for (const [kind, atSecond] of [
  ['throttled', 81.675],
  ['denied', 68.669],
  ['unreachable', 68.669],
  ['malformed', 68.669],
] as const) {
  t.test(`${kind} for a while: held, and followed when it is over`, async (t) => {
    const group = showing({ 0: [healthy], 3: failure(kind), 32: [draining], 66: [] })
    const { ended, changes } = await play({ a: group })
    t.equal(ended, `deregistered at ${atSecond}`)
    const told = changes
      .map((change) => change.kind)
      .filter((word) => /trouble|recovered/.test(word))
    t.strictSame(told, ['trouble', 'recovered'])
  })

  t.test(`${kind} from the last healthy look on: held to the deadline`, async (t) => {
    const group = showing({ 0: [healthy], 3: failure(kind) })
    t.equal((await play({ a: group }, { graceMs: 90 * s })).ended, 'deadline at 85')
  })
}

t.test('draining, and no answers since: time is proof for a pod that is deleted', async (t) => {
  for (const kind of ['throttled', 'unreachable'] as const) {
    const group = { a: showing({ 0: [draining], 5: failure(kind) }) }
    t.equal((await play(group, {}, deleted)).ended, 'deregistered at 65.05', '2.05 + 60 + 3')
    const settled = await play(group, { releaseWhen: 'settled' }, deleted)
    t.equal(settled.ended, 'settled at 22.05')
  }
})

t.test('any other pod may have been registered again: it falls back', async (t) => {
  const ended = async (kind: 'throttled' | 'unreachable', limits = {}) =>
    (await play({ a: showing({ 0: [draining], 5: failure(kind) }) }, limits)).ended
  t.equal(await ended('unreachable'), 'fallback at 90', '30 s after the first that failed')
  t.equal(await ended('throttled', { graceMs: 200 * s }), 'fallback at 195')
  t.equal(
    await ended('unreachable', { releaseWhen: 'settled' }),
    'fallback at 52.05',
    'its time is the settle time',
  )
})

t.test('absent, and then nothing but failures: falls back when they have lasted', async (t) => {
  t.equal((await play({ a: showing({ 0: [], 3: down }) })).ended, 'fallback at 37.05')
  const throttled = { a: showing({ 0: [], 3: failure('throttled') }) }
  const { ended, looks } = await play(throttled, { fallbackMs: 60 * s })
  t.equal(ended, 'fallback at 995')
  t.ok(looks.length <= 20, `${looks.length} looks in a quarter of an hour`)
})

t.test('a failure after throttling: the fallback time begins with it', async (t) => {
  const group = showing({ 0: failure('throttled'), 20: down, 45: [draining], 345: [] }, 300)
  const { ended } = await play({ a: group })
  t.match(ended, /^deregistered at 34[5-9]/)
})

t.test(
  'clear long ago, and no answers when that has to be seen anew: falls back in time',
  async (t) => {
    for (const scene of [[{ state: 'unhealthy', reason: 'Target.Timeout' }], []]) {
      const long = showing({ 0: scene, 60: [healthy], 301: down }, 300)
      const { ended, looks } = await play({ a: deregisteredAt(2 * s, 300 * s), b: long })
      t.equal(ended, 'fallback at 332.9')
      t.ok(looks.length < 40, `${looks.length} looks`)
    }
  },
)
