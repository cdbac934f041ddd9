import t from 'tap'
import { reportOf } from '../../src/drain/account/report.ts'
import { deleted, play, roomy, secondsOf } from '../support/drain-under-test.ts'
import { s } from '../support/known.ts'
import {
  deregisteredAt,
  draining,
  type Entry,
  failure,
  healthy,
  type ScriptedGroup,
  showing,
} from '../support/scripted-balancer.ts'

const deleting = { kind: 'pod', deletion: 'deleting' } as const
const spreads = [0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 0.97]

const on = (port: number, entry: Entry): Entry => ({ ...entry, port })

t.test('released within a look of the end of the delay, asleep in between', async (t) => {
  const { ended, looks } = await play({ a: deregisteredAt(5 * s, 300 * s) })
  t.equal(ended, 'deregistered at 305.168')
  t.strictSame(secondsOf(looks), [2, 4.168, 6.996, 304.168, 305.118])
  const known = await play({ a: deregisteredAt(5 * s, 300 * s) }, {}, deleted)
  t.equal(known.ended, ended, 'by a look as well')
})

t.test('the settle time may be longer than the delay', async (t) => {
  t.equal((await play({ a: deregisteredAt(5 * s, 2 * s) })).ended, 'deregistered at 27.096')
  const network = showing({ 0: [healthy], 5: [draining], 65: [] }, 60, 'network')
  t.equal((await play({ a: network })).ended, 'deregistered at 127.096')
  t.equal((await play({ a: network }, { settleMs: 30 * s })).ended, 'deregistered at 65.168')
})

t.test('while the pod serves, its next look leaves time to settle', async (t) => {
  for (const spread of spreads) {
    for (const leftMs of [1 * s, 2 * s, 3 * s, 4 * s]) {
      const limits = { graceMs: 30 * s, spread }
      const left = deregisteredAt(leftMs, 300 * s)
      const { ended } = await play({ a: left }, { ...limits, settleMs: 20 * s })
      t.equal(ended, 'settled, cut, at 25', `${leftMs}, ${spread}`)
      t.equal(
        (await play({ a: left }, limits)).ended,
        ended,
        'also where the kind is not known yet',
      )
      const early = await play({ a: left }, { ...limits, releaseWhen: 'settled' })
      t.match(early.ended, /^settled at 2[234]/, `${leftMs}, ${spread}`)
    }
  }
  const none = await play({ a: deregisteredAt(4.1 * s, 300 * s) }, { graceMs: 30 * s })
  t.equal(none.ended, 'deadline at 25', 'there was no room')
})

t.test('every target of the pod has to go, on whichever port', async (t) => {
  const both = showing(
    {
      0: [healthy, on(9090, healthy)],
      3: [draining, on(9090, healthy)],
      33: [on(9090, healthy)],
      60: [on(9090, draining)],
      90: [],
    },
    30,
  )
  t.match((await play({ a: both })).ended, /^deregistered at 9[01]/)
  t.match((await play({ a: both }, {}, deleted)).ended, /^deregistered at 9[01]/)
  // No look by the name of the one that drains would have shown the other.
  const late = showing(
    {
      0: [draining],
      8: [draining, on(9090, healthy)],
      30: [on(9090, healthy)],
      60: [on(9090, draining)],
      90: [],
    },
    30,
  )
  t.match((await play({ a: late })).ended, /^deregistered at 9[01]/)
})

t.test('every group has to let it go: what went long ago is looked at again', async (t) => {
  const { ended, looks } = await play({
    a: deregisteredAt(2 * s, 30 * s),
    b: deregisteredAt(2 * s, 300 * s),
  })
  t.equal(ended, 'deregistered at 302.95')
  const looksAt = (name: string) => secondsOf(looks.filter(({ group }) => group === name))
  t.strictSame(looksAt('a'), [2, 30, 30.95, 31.9, 32.85, 302.9])
})

t.test('a pod in no group: seen twice, and settled if it may just have gone', async (t) => {
  const none = (delay: number): ScriptedGroup => showing({}, delay)
  const { ended, looks } = await play({ a: none(300) })
  t.equal(ended, 'unregistered at 7.1')
  t.strictSame(secondsOf(looks), [2, 7.05])
  t.equal((await play({ a: none(4) })).ended, 'unregistered at 18.1', '2.05 - 4 + 20')
  const slow = { ...none(4), latencyMs: 3 * s }
  t.equal((await play({ a: slow })).ended, 'unregistered at 24', 'or while the answer came')
})

t.test('a registration in flight is followed to its end', async (t) => {
  const late = showing({ 0: [], 4: [{ state: 'initial' }], 9: [draining], 69: [] }, 60)
  t.match((await play({ a: late })).ended, /^deregistered at 69/)
})

t.test('registered again while it drains: what counts is the later draining', async (t) => {
  const flap = { 0: [healthy], 3: [draining], 20: [healthy], 50: [draining], 80: [] }
  t.match((await play({ a: showing(flap, 30) })).ended, /^deregistered at 80/)
  const sick = { 0: [draining], 9: [{ state: 'unhealthy' }], 50: [draining], 80: [] }
  t.match(
    (await play({ a: showing(sick, 40) })).ended,
    /^deregistered at 8[0-3]/,
    'unhealthy is registered',
  )
})

t.test('what is registered holds, whatever it is called', async (t) => {
  const minute = { graceMs: 60 * s }
  for (const entry of [{ state: 'hibernating' }, { state: 'unused', reason: 'Target.NotInUse' }]) {
    t.equal((await play({ a: showing({ 0: [entry] }) }, minute)).ended, 'deadline at 55')
    const left = showing({ 0: [entry], 60: [draining], 90: [] }, 30)
    t.match((await play({ a: left })).ended, /^deregistered at 9[01]/, entry.state)
  }
})

t.test('unhealthy lets go after the settle time, unless the group fails open', async (t) => {
  const sick = showing({ 0: [{ state: 'unhealthy' }] })
  t.equal((await play({ a: sick })).ended, 'deregistered at 22.1')
  const open = { ...sick, health: 'failing-open' } as const
  t.equal((await play({ a: open }, { graceMs: 60 * s })).ended, 'deadline at 55')
  const gone = {
    ...showing({ 0: [{ state: 'unhealthy' }], 4: [] }),
    health: 'failing-open',
  } as const
  t.equal((await play({ a: gone })).ended, 'deregistered at 24.268', 'served until it is gone')
})

t.test('a group that is deleted lets go after the settle time', async (t) => {
  const lost = showing({ 0: [healthy], 4: failure('gone') })
  t.equal((await play({ a: lost })).ended, 'deregistered at 24.268')
})

t.test('a name that names no group is a mistake, and no answer', async (t) => {
  const { ended, ends, drain } = await play({ a: showing({ 0: failure('gone') }) })
  t.equal(ended, 'fallback at 30')
  t.match(ends, [{ outcome: { because: { kind: 'gone', said: /mend TARGET_GROUP_ARNS/ } } }])
  t.equal(reportOf(drain.state(), roomy, 0).severity, 'warning')
})

t.test('of a kind that nobody may ask for, it settles like the slowest, and says so', async (t) => {
  const denied = { undescribed: { because: 'denied', what: 'kind' } } as const
  const { ended, changes } = await play({ a: { ...deregisteredAt(2 * s, 30 * s), ...denied } })
  t.equal(ended, 'deregistered at 122.1')
  const told = changes.filter(({ kind }) => kind === 'unknown-kind')
  t.strictSame(told, [{ kind: 'unknown-kind', group: 'a', settleMs: 120 * s }])
  const absent = { ...showing({}, 300), ...denied }
  t.equal((await play({ a: absent })).ended, 'unregistered at 122.1', 'they may be nodes')
})

for (const because of ['malformed', 'throttled', 'unreachable'] as const) {
  t.test(`the kind is asked for again after ${because}`, async (t) => {
    const network = showing({ 0: [draining], 30: [] }, 30, 'network')
    const late = { a: { ...network, undescribed: { because, untilMs: 10 * s } } }
    const { ended, descriptions } = await play(late)
    t.equal(ended, 'deregistered at 122.1')
    t.ok(descriptions.length <= 3 && descriptions.at(-1)?.wanted.includes('kind'))
  })
}

t.test('without the delay: late by a tenth of it at the most', async (t) => {
  for (const delay of [30, 60, 120, 300]) {
    for (const left of [1, 3, 7, 15, 40]) {
      const denied = { undescribed: { because: 'denied', what: 'delay' } } as const
      const { ends, ended, looks } = await play({
        a: { ...deregisteredAt(left * s, delay * s), ...denied },
      })
      const lateMs = (ends[0]?.atMs ?? 0) - (left + delay) * s
      t.ok(
        lateMs >= 0 && lateMs <= Math.max(1.5 * s, delay * 100),
        `${delay} from ${left}: ${ended}`,
      )
      t.ok(looks.length <= 42, `${looks.length} looks`)
    }
  }
})

t.test("the pod's own grace period beats the setting, and a shorter one is honoured", async (t) => {
  const group = { a: deregisteredAt(40 * s, 300 * s) }
  const told = { kind: 'pod', deletion: 'cannot-tell', graceMs: 60 * s } as const
  t.equal((await play(group, {}, { pod: [[0, told]] })).ended, 'deadline at 55')
  const endsAt = (second: number) => ({ ...deleting, graceEndsAtMs: second * s })
  const second = await play(
    group,
    { graceMs: 20 * s },
    {
      pod: [
        [0, endsAt(120)],
        [30 * s, endsAt(60)],
      ],
    },
  )
  t.equal(second.ended, 'deadline at 55')
  const late = {
    pod: [
      [0, deleting],
      [30 * s, endsAt(31)],
    ],
  } as const
  t.equal((await play(group, {}, late)).ended, 'deadline at 33.75', 'as soon as it is known')
  const known = { pod: [[0, { ...failure('unreachable'), known: told }]] } as const
  const down = await play({ a: deregisteredAt(5 * s, 30 * s) }, { graceMs: 30 * s }, known)
  t.equal(down.ended, 'deregistered at 35.168', 'an API server that is down told it before')
})

t.test(
  'a pod that was deleted by force: released at once, and not for want of answers',
  async (t) => {
    const byForce = { kind: 'pod', deletion: 'deleted', graceEndsAtMs: 3 * s } as const
    const pod = [
      [0, { kind: 'pod', deletion: 'staying' }],
      [3 * s, byForce],
    ] as const
    for (const scene of [[healthy], failure('unreachable'), failure('throttled')]) {
      t.equal((await play({ a: showing({ 0: scene }) }, {}, { pod })).ended, 'deadline at 5')
    }
    const allReserve = { reserveMs: 30 * s }
    const now = { pod: [[0, { ...deleting, graceEndsAtMs: 30 * s }]] } as const
    t.equal((await play({ a: showing({ 0: [healthy] }) }, allReserve, now)).ended, 'deadline at 0')
  },
)

t.test(
  'one listing that lacks the pod is no proof, and a failed look confirms nothing',
  async (t) => {
    const end = { 60: [draining], 360: [] }
    const odd = { 0: [healthy], 4: [], 6: failure('unreachable'), 40: [healthy], ...end }
    t.match((await play({ a: showing(odd, 300) })).ended, /^deregistered at 36[0-2]/)
    const one = {
      ...{ 0: [healthy, on(9090, healthy)], 3: [draining, on(9090, healthy)], 6: [] },
      ...{ 10: failure('unreachable'), 40: [on(9090, healthy)], 90: [on(9090, draining)], 390: [] },
    }
    t.match((await play({ a: showing(one, 300) })).ended, /^deregistered at 39[0-2]/)
  },
)

t.test('a target that vanished sooner than its delay allows settles from then', async (t) => {
  t.equal(
    (await play({ a: showing({ 0: [healthy], 8: [] }, 300) })).ended,
    'deregistered at 33.172',
  )
  const brief = await play({ a: showing({ 0: [healthy], 3: [] }, 0) }, { settleMs: 0 })
  t.equal(brief.ended, 'deregistered at 9.268', 'and is missed twice, seconds apart')
})

t.test('unhealthy at the first look, and back in service when it was deregistered', async (t) => {
  const unhealthy = { state: 'unhealthy', reason: 'Target.FailedHealthChecks' }
  const web = showing({ 0: [unhealthy], 3: [healthy], 4: [draining], 8: [] }, 4, 'network')
  const [end] = (await play({ web }, { settleMs: 10 * s }, deleted)).ends
  t.equal(end?.outcome.kind, 'deregistered')
  t.ok((end?.atMs ?? 0) >= 14 * s, `released at ${end?.atMs}, when requests came until 14 s`)
})
