import t from 'tap'
import { createOwnPod } from '../../../src/cluster/finding/own-pod.ts'
import {
  podObject,
  podPath,
  refused,
  scriptedCluster,
  sourceOf,
} from '../../support/scripted-cluster.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const never = new AbortController().signal

function scene(first: object = podObject()) {
  const clock = createVirtualClock()
  const api = scriptedCluster({ [podPath]: first })
  const pod = createOwnPod(sourceOf(api, clock), clock, 8089)
  const look = (answer?: object) => {
    if (answer) api.script[podPath] = answer
    return pod.look(never)
  }
  return { clock, api, pod, look }
}

const deletedBy = (deletionTimestamp: string) => podObject({}, { deletionTimestamp })

t.test('a pod that nobody deletes tells its grace period', async (t) => {
  const { look, pod } = scene()
  const staying = { kind: 'pod', deletion: 'staying', graceMs: 60_000, ready: false }
  t.strictSame(await look(), staying)
  t.match(pod.last(), { uid: 'u-1', ips: ['10.0.1.7', 'fd00::7'] })
})

t.test("the node's addresses, as far as they are told", async (t) => {
  const { look, pod } = scene()
  await look()
  t.strictSame(pod.last()?.hostIps, [])
  await look(podObject({}, {}, { hostIP: '10.0.1.9' }))
  t.strictSame(pod.last()?.hostIps, ['10.0.1.9'])
  const hostIPs = [{ ip: '10.0.1.9' }, { ip: 'fd00::9' }, { ip: 7 }]
  await look(podObject({}, {}, { hostIP: '10.0.1.9', hostIPs }))
  t.strictSame(pod.last()?.hostIps, ['10.0.1.9', 'fd00::9'])
})

t.test("the deadline by the API server's clock, whatever ours says", async (t) => {
  const { look, api, clock } = scene()
  api.serverMs = Date.parse('2031-05-05T12:00:00Z')
  await clock.advance(7_000)
  t.match(await look(deletedBy('2031-05-05T12:00:40Z')), {
    deletion: 'deleting',
    graceEndsAtMs: 47_000,
  })
  api.serverMs += 10_000
  await clock.advance(10_400)
  t.match(await look(), { graceEndsAtMs: 47_000 }, 'no second more or less with each look')
  t.match(await look(deletedBy('2031-05-05T12:00:15Z')), { graceEndsAtMs: 22_400 }, 'sooner now')
})

t.test('when it was deleted: a deletion may grant less than the pod has', async (t) => {
  const { look, api } = scene()
  api.serverMs = Date.parse('2031-05-05T12:00:00Z')
  const deleted = (deletionTimestamp: string, deletionGracePeriodSeconds: number) =>
    podObject({}, { deletionTimestamp, deletionGracePeriodSeconds })
  const first = await look(deleted('2031-05-05T12:00:08Z', 10))
  t.match(first, { deletedAtMs: -2_000, graceEndsAtMs: 8_000, graceMs: 60_000 })
  const second = await look(deleted('2031-05-05T12:00:01Z', 1))
  t.match(second, { deletedAtMs: -2_000, graceEndsAtMs: 1_000 }, 'the second is no other beginning')
})

t.test('an answer without a time of day: deleted, and the deadline is not known', async (t) => {
  const { look, api } = scene()
  api.serverMs = Number.NaN
  const seen = await look(deletedBy('2026-01-01T00:01:00Z'))
  t.strictSame(seen, { kind: 'pod', deletion: 'deleting', graceMs: 60_000, ready: false })
})

const byKubelet = { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }
const isReady = { type: 'Ready', status: 'True' }
const withConditions = (metadata: object, ...conditions: object[]) =>
  podObject({ containers: [{ ...app, livenessProbe: short }] }, metadata, { conditions })

t.test('ended by its kubelet, which does not delete it: for all of its grace period', async (t) => {
  const { look } = scene(withConditions({}, byKubelet, isReady))
  const ending = { kind: 'pod', deletion: 'ending', graceMs: 60_000, ready: true }
  t.strictSame(await look(), ending)
  const evicted = { ...byKubelet, reason: 'EvictionByEvictionAPI' }
  t.match(await look(withConditions({}, evicted)), { deletion: 'staying', graceMs: 10_000 })
  const both = withConditions({ deletionTimestamp: '2026-01-01T00:00:40Z' }, byKubelet)
  t.match(await look(both), { deletion: 'deleting', graceEndsAtMs: 40_000, ready: false })
})

t.test('whether it is ready, whatever becomes of it', async (t) => {
  for (const metadata of [{}, { deletionTimestamp: '2026-01-01T00:00:40Z' }]) {
    const { look } = scene(withConditions(metadata, isReady))
    t.match(await look(), { ready: true })
    t.match(await look(withConditions(metadata, { ...isReady, status: 'False' })), { ready: false })
  }
})

t.test('the object is gone: deleted by force, the time is up', async (t) => {
  for (const refusal of [refused('gone', 404), podObject({}, { uid: 'u-2' })]) {
    const { look, clock } = scene()
    await look()
    await clock.advance(3_000)
    t.match(await look(refusal), { kind: 'pod', deletion: 'deleted', graceEndsAtMs: 3_000 })
  }
})

t.test('a 404 that is not of the API server says nothing', async (t) => {
  const { look } = scene()
  await look()
  const known = { deletion: 'cannot-tell', graceMs: 60_000 }
  t.match(await look(refused('malformed', 404)), { kind: 'malformed', known })
  t.match(await look(podObject()), { deletion: 'staying' })
})

t.test('a token that is refused says nothing: its service account may be a new one', async (t) => {
  const { look } = scene()
  const rejected = refused('denied', 401)
  await look()
  t.match(await look(rejected), { kind: 'denied' })
  t.match(await look(rejected), { kind: 'denied' })
  t.match(await look(podObject()), { deletion: 'staying' })
})

t.test('what was never there is not gone, and an old token says nothing', async (t) => {
  const unnamed = scene(refused('gone', 404))
  t.match(await unnamed.look(), { kind: 'gone' })
  const { look } = scene()
  await look()
  t.match(await look(refused('denied', 401)), { kind: 'denied' })
  t.match(await look(refused('unreachable', 500)), { kind: 'unreachable' })
  t.match(await look({ kind: 'PodList' }), { kind: 'malformed' })
})

t.test('what a look that fails leaves true: the grace period, and a deletion', async (t) => {
  const { look, api } = scene()
  const failing = refused('unreachable', 500)
  t.notOk('known' in (await look(failing)), 'nothing, before it was ever read')
  await look(podObject())
  const known = { kind: 'pod', deletion: 'cannot-tell', graceMs: 60_000 }
  t.match(await look(failing), { kind: 'unreachable', known })
  api.serverMs = Date.parse('2026-01-01T00:00:00Z')
  await look(deletedBy('2026-01-01T00:00:40Z'))
  const leaving = { kind: 'pod', deletion: 'deleting', graceEndsAtMs: 40_000 }
  t.match(await look(failing), { kind: 'unreachable', known: leaving })
})

t.test('nor is it taken back that its kubelet ends it', async (t) => {
  const { look } = scene(withConditions({}, byKubelet))
  await look()
  const known = { deletion: 'ending', graceMs: 60_000 }
  for (const failing of [refused('unreachable', 500), refused('denied', 401)]) {
    t.match(await look(failing), { known })
  }
})

const short = { terminationGracePeriodSeconds: 10 }
const hook = (httpGet: object = {}) => ({
  lifecycle: { preStop: { httpGet: { path: '/prestop', port: 8089, ...httpGet } } },
})
const podOf = (...containers: object[]) => podObject({ containers })
const app = { name: 'app', ...hook() }

t.test("a restart has a probe's own grace period, a deletion the pod's", async (t) => {
  const { look } = scene()
  const inSeconds = async (...containers: object[]) => {
    const seen = await look(podOf(...containers))
    return seen.kind === 'pod' ? (seen.graceMs ?? 0) / 1_000 : seen
  }
  t.equal(await inSeconds({ ...app, livenessProbe: short }), 10)
  t.equal(await inSeconds({ ...app, startupProbe: short }), 10)
  t.equal(await inSeconds({ ...app, readinessProbe: short }), 60, 'it restarts nothing')
  t.equal(await inSeconds({ ...app, livenessProbe: { terminationGracePeriodSeconds: 90 } }), 60)
  await look(podOf({ ...app, livenessProbe: short }))
  t.match(await look(refused('unreachable', 500)), { known: { graceMs: 60_000 } })
})

t.test('the probes of a container count whose hook is held', async (t) => {
  const { look } = scene()
  const of = (...containers: object[]) => look(podOf(...containers))
  const probes = { livenessProbe: short, startupProbe: short }
  const whole = { deletion: 'staying', graceMs: 60_000 }
  t.match(await of(app, { name: 'log', ...probes }), whole)
  t.match(await of({ name: 'draingate', ...hook(), ...probes }, app), { graceMs: 10_000 })
  const elsewhere = { ...hook({ port: 9000 }), ...probes }
  t.match(await of(app, { name: 'two', ...elsewhere }), whole, 'another one answers it')
  const exec = (...command: string[]) => ({ lifecycle: { preStop: { exec: { command } } } })
  const waits = { name: 'app', ...exec('draingate', 'wait'), ...probes }
  t.match(await of(waits), { graceMs: 10_000 })
  const unread = { name: 'app', ...exec('/prestop.sh'), ...probes }
  t.match(await of(unread), whole, "what cannot be told is the pod's")
  const rewritten = hook({ path: '/app-lifecycle/app/prestopz', port: 15020 })
  t.match(await of({ name: 'app', ...rewritten, ...probes }, { name: 'istio-proxy' }), whole)
})
