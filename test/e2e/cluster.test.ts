import t from 'tap'
import { pods } from '../../lab/kubernetes/resources.ts'
import { aside } from '../support/aside.ts'
import { startLab } from './lab-scene.ts'

// Each of these is mostly waiting.
t.jobs = 3

const outcomesIn = (log: string) =>
  [...log.matchAll(/"outcome":"([a-z-]+)"/g)].map(([, name]) => name)
/** Where the first look comes only when the target has drained, it is not found. */
const followed = /^(de|un)registered$/
const left = { states: [], requests: 'none' } as const
const reasons = (told: readonly { readonly reason: string }[]) => told.map(({ reason }) => reason)

t.test('a rolling update with no ARN in any manifest', aside(), async (t) => {
  const { cluster, kubernetes, spec, log, releases } = await startLab(t)
  await cluster.deploy(spec)
  const { gone } = await cluster.deploy(spec)
  await gone
  t.strictSame(releases, [{ pod: 'web-1-0', ...left }])
  t.match(outcomesIn(log('web-1-0')), [followed])
  t.match(log('web-1-0'), /"msg":"this pod and its TargetGroupBindings"/)
  const told = kubernetes.told('web-1-0')
  t.strictSame(reasons(told), ['DrainStarted', 'Drained'])
  const words =
    /^(de|un)registered after [\d.]+ s and \d+ looks \(0 throttled, API [\d.]+ s, hooks 1\): /
  t.match(told[1]?.message, words)
  t.match(kubernetes.lastWords('web-1-0', 'draingate'), words)
  const bad = cluster.events.filter(({ kind }) => kind === 'sigkill' || kind === 'hook-failed')
  t.strictSame(bad, [])
})

t.test('no RBAC at all: the reason is said, and the hook held', aside(), async (t) => {
  const { cluster, kubernetes, spec, log } = await startLab(t, { env: { FALLBACK_SECONDS: '5' } })
  kubernetes.access.grant('shop', 'web', [])
  await cluster.deploy(spec)
  await cluster.kubelet.pods()[0]?.delete()
  t.strictSame(outcomesIn(log('web-1-0')), ['fallback'])
  t.match(log('web-1-0'), /resources: .{0,2}"pods.{0,2}"\], verbs: .{0,2}"get/)
})

t.test('a restart, and then a deletion', aside(), async (t) => {
  const { cluster, kubernetes, spec, log, releases } = await startLab(t, {
    env: { RESTART_SECONDS: '3' },
  })
  await cluster.deploy(spec)
  const [pod] = cluster.kubelet.pods()
  await pod?.restart('app')
  t.strictSame(outcomesIn(log('web-1-0')), ['not-terminating'])
  t.strictSame(kubernetes.told('web-1-0'), [], 'nobody is told of what is no end')
  await cluster.deploy(spec).then(({ gone }) => gone)
  t.match(outcomesIn(log('web-1-0')), ['not-terminating', followed])
  t.strictSame(releases, [
    { pod: 'web-1-0', states: ['healthy'], requests: 'come' },
    { pod: 'web-1-0', ...left },
  ])
  t.strictSame(reasons(kubernetes.told('web-1-0')), ['DrainStarted', 'Drained'])
})

t.test('a second deletion with less grace is honoured', aside(), async (t) => {
  const { cluster, kubernetes, spec, log, said } = await startLab(t, {
    env: { RESERVE_SECONDS: '2' },
    cluster: { lagMs: () => 100_000 },
  })
  await cluster.deploy(spec)
  const [pod] = cluster.kubelet.pods()
  const remove = (grace: number) => kubernetes.store.delete(pods, 'shop', 'web-1-0', grace)
  remove(60)
  await said('web-1-0', 'hook called')
  remove(8)
  await pod?.ended
  t.strictSame(outcomesIn(log('web-1-0')), ['deadline'])
  const story = cluster.events.filter(({ container }) => container === 'app')
  const [hook, end] = ['hook-started', 'hook-ended'].map((name) =>
    story.find(({ kind }) => kind === name),
  )
  const heldMs = (end?.atMs ?? Infinity) - (hook?.atMs ?? 0)
  t.ok(heldMs < 20_000, `held for ${heldMs}`)
})

t.test('a token that rotates, and an API server that is down for a while', aside(), async (t) => {
  const { cluster, kubernetes, spec, log, said, releases } = await startLab(t)
  await cluster.deploy(spec)
  kubernetes.rotate('web-1-0')
  kubernetes.server.break('/shop/', { kind: 'status', code: 503 })
  const deleted = cluster.deploy(spec).then(({ gone }) => gone)
  await said('web-1-0', 'answered 503')
  kubernetes.server.mend()
  await deleted
  t.strictSame(releases, [{ pod: 'web-1-0', ...left }])
  t.match(outcomesIn(log('web-1-0')), [followed])
})
