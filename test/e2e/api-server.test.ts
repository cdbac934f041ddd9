import t from 'tap'
import { pods } from '../../lab/kubernetes/resources.ts'
import type { ApiFault } from '../../lab/kubernetes/server.ts'
import { clock } from '../../src/time/clock.ts'
import { aside } from '../support/aside.ts'
import { pod, said, scene } from './pod-scene.ts'

// Each of these is little more than waiting for the first look.
t.jobs = 7

t.test('deleted by force', aside(), async (t) => {
  const { store, start, leave } = await scene(t)
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'the pod is being deleted')
  await said(sidecar, 'target is healthy')
  store.remove(pods, 'shop', 'web-1')
  const { outcome, because, heldSeconds = Infinity } = await released
  t.equal(outcome, 'deadline')
  t.match(because, /deleted by force/)
  t.ok(heldSeconds < 40, `held for ${heldSeconds} s, of 58`)
})

t.test('a token that is refused: the drain goes on without it', aside(), async (t) => {
  // The shorter the grace period, the more often is asked whether it has become shorter still.
  const spec = { terminationGracePeriodSeconds: 30 }
  const { registry, arn, access, token, start, leave } = await scene(t, { spec })
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  access.revoke(token)
  await said(sidecar, 'the token is not accepted')
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deregistered' })
})

const faults: Record<string, [ApiFault, said: string]> = {
  down: [{ kind: 'reset' }, 'no answer from the API server'],
  silent: [{ kind: 'hang' }, 'nothing within 5 s'],
  'asking for patience': [{ kind: 'status', code: 429 }, 'asks for patience'],
  broken: [{ kind: 'status', code: 500 }, 'answered 500'],
  'behind a proxy that has lost it': [{ kind: 'page-not-found' }, 'is a proxy in between?'],
}

for (const [name, [fault, complaint]] of Object.entries(faults)) {
  t.test(`an API server that is ${name}, for a while`, aside(), async (t) => {
    const { server, registry, arn, start, leave } = await scene(t)
    const sidecar = await start()
    await said(sidecar, 'this pod and its TargetGroupBindings')
    server.break('/', fault)
    const released = leave(sidecar)
    await said(sidecar, complaint)
    server.mend()
    await said(sidecar, 'target is healthy')
    registry.deregister(arn, [pod])
    t.match(await released, { outcome: 'deregistered' })
  })
}

t.test(
  'an API server that is down from the hook on: what it told before is the last resort',
  aside(),
  async (t) => {
    const { server, registry, arn, start, leave } = await scene(t)
    const sidecar = await start({ GRACE_PERIOD_SECONDS: '6', FALLBACK_SECONDS: '2' })
    await said(sidecar, 'this pod and its TargetGroupBindings')
    server.break('/', { kind: 'status', code: 503 })
    const released = leave(sidecar)
    await said(sidecar, 'target is healthy')
    // Later than GRACE_PERIOD_SECONDS would allow, but for the pod's own 60 s.
    await clock.sleepUntil(clock.now() + 4_000, new AbortController().signal)
    registry.deregister(arn, [pod])
    const { heldSeconds = 0, ...report } = await released
    t.match(report, {
      outcome: 'fallback',
      because: /503/,
      targets: [{ reason: 'Target.NotRegistered' }],
    })
    t.ok(heldSeconds >= 6, `held for ${heldSeconds} s`)
  },
)

t.test('an API server that answers only some time after the start', aside(), async (t) => {
  const { server, start } = await scene(t)
  server.break('/', { kind: 'reset' })
  const sidecar = await start()
  await said(sidecar, 'no answer from the API server')
  server.mend()
  await said(sidecar, 'this pod and its TargetGroupBindings')
})

t.test('a pod that has its address only some time after the start', aside(), async (t) => {
  const { server, store, registry, arn, start } = await scene(t)
  const status = (podIPs: { ip: string }[]) =>
    store.update(pods, 'shop', 'web-1', (old) => ({ ...old, status: { podIPs } }))
  status([])
  const sidecar = await start({ FALLBACK_SECONDS: '5' })
  await said(sidecar, '"listening"')
  await clock.sleepUntil(clock.now() + 2_000, new AbortController().signal)
  status([{ ip: pod.id }])
  await said(sidecar, 'this pod and its TargetGroupBindings')
  server.break('/', { kind: 'reset' })
  const released = fetch(`${sidecar.url}/prestop`)
  await said(sidecar, 'target is healthy')
  registry.deregister(arn, [pod])
  t.match(await (await released).json(), { targets: [{ reason: 'Target.NotRegistered' }] })
})

t.test('the node that the API tells of may have any number of hooks', aside(), async (t) => {
  const { store, registry, arn, start } = await scene(t)
  const hostIPs = [{ ip: '127.0.0.1' }]
  store.update(pods, 'shop', 'web-1', (old) => ({ ...old, status: { ...old.status, hostIPs } }))
  const sidecar = await start()
  await said(sidecar, 'this pod and its TargetGroupBindings')
  const hooks = Array.from({ length: 100 }, () => fetch(`${sidecar.url}/prestop`))
  await said(sidecar, 'target is healthy')
  registry.deregister(arn, [pod])
  for (const answer of await Promise.all(hooks)) t.equal(answer.status, 200)
  t.notMatch(sidecar.log(), /too many connections/)
})

t.test('an API server that is slow', aside(), async (t) => {
  const { server, registry, arn, start, leave } = await scene(t)
  server.break('/', { kind: 'slow', delayMs: 1_000 })
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deregistered' })
  t.notMatch(sidecar.log(), /"failure":/)
})

t.test('the events of a grace period that is too short', aside(), async (t) => {
  const spec = { terminationGracePeriodSeconds: 12 }
  const long = { deregistrationDelayMs: 300_000 }
  const { registry, arn, start, leave, told } = await scene(t, { spec, group: long })
  const sidecar = await start({ SETTLE_SECONDS: '60' })
  const released = leave(sidecar)
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deadline' })
  sidecar.kill('SIGTERM')
  await sidecar.ended
  t.strictSame(told(), ['DrainStarted', 'MisconfiguredGracePeriod', 'DrainDeadlineExceeded'])
})

t.test('the events of a drain that learns nothing', aside(), async (t) => {
  const { aws, start, leave, told } = await scene(t, {}, { FALLBACK_SECONDS: '5' })
  aws.faults.add({ kind: 'denied' })
  const sidecar = await start()
  t.match(await leave(sidecar), { outcome: 'fallback' })
  sidecar.kill('SIGTERM')
  await sidecar.ended
  t.strictSame(told(), ['DrainStarted', 'DrainFallback'])
})
