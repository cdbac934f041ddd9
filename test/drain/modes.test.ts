import t from 'tap'
import { type ConnectionScript, play, secondsOf } from '../support/drain-under-test.ts'
import { s } from '../support/known.ts'
import {
  deregisteredAt,
  draining,
  healthy,
  type ScriptedGroup,
} from '../support/scripted-balancer.ts'

const settled = { releaseWhen: 'settled' } as const
const idle = { releaseWhen: 'idle' } as const
const left = { a: deregisteredAt(5 * s, 300 * s) }

t.test('settled: released when draining and settled, by a look begun then', async (t) => {
  const { ended, looks, descriptions } = await play(left, settled)
  t.equal(ended, 'settled at 27.096')
  t.equal(secondsOf(looks).at(-1), 27.046)
  t.strictSame(
    descriptions.map(({ wanted }) => wanted),
    [['kind']],
    'the delay is no matter',
  )
  const flap: ScriptedGroup = {
    scenes: [
      [0, [healthy]],
      [3 * s, [draining]],
      [15 * s, [healthy]],
      [40 * s, [draining]],
    ],
  }
  const again = await play({ a: flap }, settled)
  t.match(again.ended, /^settled at 6[0-9]/, 'registered again while it settled')
  const deleted = { pod: [[0, { kind: 'pod', deletion: 'deleting' }]] } as const
  t.equal((await play(left, settled, deleted)).ended, 'settled at 27.046', 'needs no look')
})

const counting = (connections: ConnectionScript, group = left.a, limits = {}) =>
  play({ a: group }, { ...idle, ...limits }, { connections })

t.test('idle: released when settled and without connections for IDLE_SECONDS', async (t) => {
  const early = await counting([
    [0, 3],
    [8 * s, 0],
  ])
  t.equal(early.ended, 'idle at 27.096')
  t.equal(secondsOf(early.counts.map((atMs) => ({ atMs })))[0], 22.046, 'counted when it matters')
  t.equal(
    (
      await counting([
        [0, 3],
        [100 * s, 0],
      ])
    ).ended,
    'idle at 105.096',
  )
  const between = [
    [0, 1],
    [50 * s, 0],
    [54 * s, 1],
    [55 * s, 0],
  ] as const
  t.equal((await counting(between)).ended, 'idle at 60.096', 'one in between starts it anew')
})

t.test('idle: bounded by the deregistration', async (t) => {
  t.equal(
    (await counting([[0, 1]], deregisteredAt(5 * s, 100 * s))).ended,
    'deregistered at 105.168',
  )
  const late = [
    [0, 1],
    [35 * s, 0],
  ] as const
  const short = await counting(late, deregisteredAt(2 * s, 40 * s), { idleMs: 20 * s })
  t.equal(short.ended, 'deregistered at 42.9', 'which may be over before')
})

t.test('idle: what cannot be counted is waited for, and that is said once', async (t) => {
  const group = deregisteredAt(5 * s, 100 * s)
  const facts = { ...group.facts, traffic: 'datagrams' } as const
  const undescribed = { because: 'denied', what: 'kind' } as const
  for (const [what, stage] of [
    ['uncounted', play({ a: group }, idle)],
    ['datagrams', counting([[0, 0]], { ...group, facts })],
    ['unknown-traffic', counting([[0, 0]], { ...group, undescribed })],
  ] as const) {
    const { ended, changes, counts } = await stage
    t.match(ended, /^deregistered at 1[02]/, what)
    t.equal(changes.filter(({ kind }) => kind === what).length, 1)
    t.equal(counts.length, 0)
  }
})

t.test(
  'idle: a port that is counted for one group says nothing of datagrams in another',
  async (t) => {
    const udp = { ...left.a, facts: { ...left.a.facts, traffic: 'datagrams' } } as const
    const { ended } = await play({ ...left, b: udp }, idle, { connections: [[0, 0]] })
    t.match(ended, /at 305/)
  },
)

t.test('idle: after a freeze, what was counted before does not count', async (t) => {
  const connections = [
    [0, 1],
    [40 * s, 0],
    [43 * s, 1],
    [200 * s, 0],
  ] as const
  const freezes = [[42 * s, 202 * s]] as const
  const { ended } = await play({ a: deregisteredAt(5 * s, 600 * s) }, idle, {
    connections,
    freezes,
  })
  t.equal(ended, 'idle at 207.05')
})

/** Of this type; only its kind of load balancer matters then. */
const nodes = (loadBalancer: 'application' | 'network'): ScriptedGroup => ({
  ...{ facts: { targetType: 'instance', loadBalancer }, scenes: [] },
})

t.test(
  'a group of nodes: the settle time of each hook, no looks that cannot tell, and said',
  async (t) => {
    const { ended, looks, changes } = await play(
      { a: nodes('network') },
      {},
      { hooksMs: [0, 119 * s] },
    )
    t.equal(ended, 'settled at 120, settled at 239')
    t.strictSame(secondsOf(looks), [2])
    t.equal(changes.filter(({ kind }) => kind === 'nodes').length, 1)
    const listed: ScriptedGroup = {
      ...{ targetType: 'instance', scenes: [], undescribed: { because: 'denied' } },
    }
    t.equal((await play({ a: listed })).ended, 'settled at 120', 'the listing tells')
  },
)

t.test('a group of nodes by its binding, which does not tell the protocol', async (t) => {
  const groups = [{ group: 'a', claim: 'bound', facts: { targetType: 'instance' } }] as const
  const found = { kind: 'found', groups, more: 0, missing: [], narrowed: [] } as const
  const { ended, looks } = await play({ a: nodes('application') }, {}, { search: [[0, found]] })
  t.equal(ended, 'settled at 20')
  t.strictSame(looks, [])
})
