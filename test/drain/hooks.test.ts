import t from 'tap'
import type { PodSeen } from '../../src/drain/ports.ts'
import { type PodScript, play } from '../support/drain-under-test.ts'
import { s } from '../support/known.ts'
import {
  deregisteredAt,
  draining,
  failure,
  healthy,
  type ScriptedGroup,
  showing,
} from '../support/scripted-balancer.ts'

const staying: PodSeen = { kind: 'pod', deletion: 'staying' }
const deleting: PodSeen = { kind: 'pod', deletion: 'deleting', graceEndsAtMs: 330 * s }
const long = { graceMs: 330 * s }

const serves = { a: showing({ 0: [healthy] }) }

/** That it is back when the second hook comes, at 100 s, and is deregistered then. */
const back = { 90: [healthy], 105: [draining], 165: [] }
const hooksMs = [0, 100 * s]

t.test('where the pod may come back, an end answers no later hook', async (t) => {
  for (const [scenes, ended] of [
    // Readiness failed, and the container was restarted; or a rollout was undone.
    [{ 0: [draining], 60: [], ...back }, 'deregistered at 60.05, deregistered at 165.168'],
    [{ 0: [{ state: 'unhealthy' }], ...back }, 'deregistered at 22.1, deregistered at 165.168'],
    [{ 0: [], ...back }, 'unregistered at 7.1, deregistered at 165.168'],
    [{ 0: failure('unreachable'), ...back }, 'fallback at 30, deregistered at 165.168'],
  ] as const) {
    t.equal((await play({ a: showing(scenes) }, long, { hooksMs })).ended, ended)
  }
  const restarts = [
    [0, staying],
    [95 * s, { ...deleting, graceEndsAtMs: 430 * s }],
  ] as const
  const restart = await play({ a: showing({ 0: [draining], 60: [], ...back }) }, long, {
    hooksMs,
    pod: restarts,
  })
  t.equal(restart.ended, 'not-terminating at 22.05, deregistered at 165.168')
})

t.test('while the pod is known to be deleted, whatever ended its drain stays good', async (t) => {
  const pod = [[0, deleting]] as const
  const down = { a: showing({ 0: failure('unreachable'), 60: [healthy] }) }
  const lost = await play(down, {}, { pod, hooksMs: [...hooksMs, 330 * s] })
  t.equal(
    lost.ended,
    'fallback at 30, fallback at 30, fallback at 30',
    'until its grace period is over',
  )
  const left = await play(
    { a: deregisteredAt(5 * s, 30 * s) },
    {},
    { pod, hooksMs: [0, 60 * s, 331 * s] },
  )
  t.match(left.ended, /^(deregistered at 35.168, ){2}deadline at 331$/)
  t.equal(left.drain.state()?.hooks, 1, 'then another drain begins')
})

t.test('no hook moves a bound of one that came before it, and each has its own', async (t) => {
  const deadline = await play(
    serves,
    { graceMs: 12 * s, reserveMs: 3 * s },
    { hooksMs: [0, 5 * s, 8.9 * s] },
  )
  t.equal(deadline.ended, 'deadline at 9, deadline at 14, deadline at 17.9')
  const restart = await play(serves, {}, { hooksMs: [0, 12 * s], pod: [[0, staying]] })
  t.equal(restart.ended, 'not-terminating at 15.05, not-terminating at 27.05')
  const silent = { a: showing({ 0: failure('unreachable') }) }
  const fallback = await play(silent, {}, { hooksMs: [0, 20 * s] })
  t.equal(fallback.ended, 'fallback at 30, fallback at 50')
  const search = [
    [0, { kind: 'found', groups: [], more: 0, missing: [failure('denied')], narrowed: [] }],
  ] as const
  const searched = await play(serves, {}, { hooksMs: [0, 20 * s], search })
  t.equal(searched.ended, 'fallback at 30, fallback at 50')
  const nodes: ScriptedGroup = {
    facts: { targetType: 'instance', loadBalancer: 'network' },
    scenes: [],
  }
  const settled = await play({ a: nodes }, {}, { hooksMs: [0, 50 * s] })
  t.equal(settled.ended, 'settled at 120, settled at 170')
})

t.test('what was learnt serves the later hook as well', async (t) => {
  const { ended, looks } = await play(
    { a: deregisteredAt(5 * s, 60 * s) },
    {},
    { hooksMs: [0, 40 * s] },
  )
  t.equal(ended, 'deregistered at 65.168, deregistered at 65.168')
  t.equal(looks.length, (await play({ a: deregisteredAt(5 * s, 60 * s) })).looks.length)
  const told = { ...deleting, graceEndsAtMs: 60 * s }
  const both = await play(serves, {}, { hooksMs: [0, 40 * s], pod: [[0, told]] })
  t.equal(both.ended, 'deadline at 55, deadline at 55', 'when the pod itself tells the end')
})

t.test('the hook of a deletion that joins a restart is drained', async (t) => {
  const left = (second: number) => ({
    a: showing({ 0: [healthy], [second]: [draining], [second + 60]: [] }),
  })
  const pod: PodScript = [
    [0, staying],
    [15.05 * s, { ...deleting, deletedAtMs: 15.05 * s, graceEndsAtMs: 345 * s }],
  ]
  // The look at the bound of the restart takes a while, and tells of when it was asked.
  const slow = await play(left(18), {}, { pod, podLatencyMs: 200, hooksMs: [0, 15.1 * s] })
  t.equal(slow.ended, 'not-terminating at 15.2, deregistered at 78.828')
  // A node that shuts down ends its pods without deleting them.
  const ending: PodScript = [
    [0, staying],
    [14 * s, { kind: 'pod', deletion: 'ending' }],
  ]
  const shutdown = await play(left(17), {}, { pod: ending, hooksMs: [0, 14.9 * s] })
  t.match(shutdown.ended, /^deregistered at 7[78][.\d]*, deregistered at 7[78][.\d]*$/)
  const known: PodSeen = { kind: 'pod', deletion: 'cannot-tell', graceMs: 120 * s }
  const down: PodScript = [
    [0, { ...staying, graceMs: 30 * s }],
    [9 * s, { ...failure('unreachable'), known }],
  ]
  const unread = await play(left(12), {}, { pod: down, hooksMs: [0, 10 * s] })
  t.match(unread.ended, /^deregistered at 7[2-4][.\d]*, deregistered at 7[2-4][.\d]*$/)
})

t.test('what was seen of a restart is no proof once the pod is deleted', async (t) => {
  const pod: PodScript = [
    [0, staying],
    [19 * s, { ...deleting, deletedAtMs: 18.9 * s }],
  ]
  // It drains after failed readiness, recovers, is registered again, and is deleted before a look shows that.
  const again = (delay: number) =>
    showing({ 0: [draining], 16: [healthy], 24: [draining], [24 + delay]: [] }, delay)
  for (const releaseWhen of ['deregistered', 'idle', 'settled'] as const) {
    for (const delay of [10, 30, 60]) {
      const course = { pod, hooksMs: [0, 23 * s] }
      const { ends } = await play({ a: again(delay) }, { releaseWhen }, course)
      const settledMs = 44 * s
      for (const { atMs } of ends) t.ok(atMs >= settledMs, `${releaseWhen} ${delay}: ${atMs}`)
    }
  }
  // Where the API server tells no time, from when that was known.
  const undated: PodScript = [pod[0] ?? [0, staying], [19 * s, deleting]]
  const { ends } = await play({ a: again(30) }, {}, { pod: undated })
  t.ok((ends[0]?.atMs ?? 0) >= 44 * s)
})

t.test('nor what was asked before the deletion, and is answered after it', async (t) => {
  const pod: PodScript = [
    [0, staying],
    [15.2 * s, { ...deleting, deletedAtMs: 15.2 * s }],
  ]
  const scenes = { 0: [draining], 15.1: [healthy], 23: [draining], 83: [] }
  for (const latencyMs of [2 * s, 3 * s, 4.5 * s]) {
    for (const releaseWhen of ['settled', 'deregistered'] as const) {
      const a = { ...showing(scenes, 60), latencyMs }
      const { ends } = await play({ a }, { releaseWhen }, { pod, hooksMs: [0, 15.25 * s] })
      for (const { atMs } of ends) t.ok(atMs >= 43 * s, `${releaseWhen} ${latencyMs}: ${atMs}`)
    }
  }
})

t.test(
  'a pod that was seen registered is held through an outage that its deletion meets',
  async (t) => {
    const pod: PodScript = [
      [0, staying],
      [12 * s, { ...deleting, deletedAtMs: 12 * s }],
    ]
    const a = showing({ 0: [healthy], 10: failure('unreachable'), 60: [draining], 120: [] }, 60)
    const { ended } = await play({ a }, { fallbackMs: 30 * s }, { pod, hooksMs: [0, 12.5 * s] })
    t.match(ended, /deregistered at 1[2-9]\d/)
  },
)
