import t from 'tap'
import { createOwnPod } from '../../src/cluster/own-pod.ts'
import { podObject, podPath, refused, scriptedCluster } from '../support/scripted-cluster.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const never = new AbortController().signal

function scene(first: object = podObject()) {
  const clock = createVirtualClock()
  const api = scriptedCluster({ [podPath]: first })
  const pod = createOwnPod(api, clock, { namespace: 'shop', name: 'web-1' })
  const look = (answer?: object) => {
    if (answer) api.script[podPath] = answer
    return pod.look(never)
  }
  return { clock, api, pod, look }
}

const deletedBy = (deletionTimestamp: string) => podObject({}, { deletionTimestamp })

t.test('a pod that nobody deletes tells its grace period', async (t) => {
  const { look, pod } = scene()
  t.strictSame(await look(), { kind: 'pod', deletion: 'staying', graceMs: 60_000 })
  t.match(pod.last(), { uid: 'u-1', ips: ['10.0.1.7', 'fd00::7'] })
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

t.test('an answer without a time of day: deleted, and the deadline is not known', async (t) => {
  const { look, api } = scene()
  api.serverMs = Number.NaN
  const seen = await look(deletedBy('2026-01-01T00:01:00Z'))
  t.strictSame(seen, { kind: 'pod', deletion: 'deleting', graceMs: 60_000 })
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

t.test("a restart has a probe's own grace period, a deletion the pod's", async (t) => {
  const probes = (livenessProbe: object, startupProbe: object) =>
    podObject({
      containers: [
        { name: 'app', livenessProbe },
        { name: 'slow', startupProbe },
      ],
    })
  const short = { terminationGracePeriodSeconds: 10 }
  const { look } = scene()
  t.match(await look(probes(short, {})), { deletion: 'staying', graceMs: 10_000 })
  t.match(await look(probes({}, short)), { deletion: 'staying', graceMs: 10_000 })
  t.match(await look(probes({ terminationGracePeriodSeconds: 90 }, {})), { graceMs: 60_000 })
  await look(probes(short, {}))
  t.match(await look(refused('unreachable', 500)), { known: { graceMs: 60_000 } })
})
