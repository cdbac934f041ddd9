import t, { type Test } from 'tap'
import type { TargetRef } from '../../lab/elbv2/registry.ts'
import { controllerBindings, events, pods, services } from '../../lab/kubernetes/resources.ts'
import type { ApiFault } from '../../lab/kubernetes/server.ts'
import { clock } from '../../src/clock.ts'
import type { Report } from '../../src/drain/report.ts'
import { type Scene, stage } from '../doctor/stage.ts'
import { binding, service } from '../support/scripted-cluster.ts'
import { startSidecar } from '../support/sidecar.ts'

// The real program in a pod that the API server knows, told of no target group. Mostly waiting.
t.jobs = 2
const aside = { buffered: true }

const pod: TargetRef = { id: '10.0.1.7', port: 8080, zone: 'eu-west-1a' }
const quick = { SETTLE_SECONDS: '1', RESERVE_SECONDS: '2' }
const group = { deregistrationDelayMs: 1_500 }

async function scene(t: Test, given: Scene = {}, env: Record<string, string> = {}) {
  const made = await stage(t, { group, ...given })
  const { store, inPod } = made
  const start = () => startSidecar(t, { ...inPod, ...quick, ...env })
  return {
    ...{ ...made, start },
    /** Deletes the pod as a person does, and calls the hook as the kubelet then does. */
    async leave({ url }: { url: string }) {
      store.delete(pods, 'shop', 'web-1')
      return (await (await fetch(`${url}/prestop`)).json()) as Report
    },
    told: () => store.list(events, 'shop').map(({ reason }) => reason),
  }
}

async function said({ log }: { log: () => string }, text: string): Promise<void> {
  for (let tries = 0; !log().includes(text); tries++) {
    if (tries > 600) throw new Error(`never said: ${text}`)
    await clock.sleepUntil(clock.now() + 50, new AbortController().signal)
  }
}

t.test('a dual-stack pod behind an IPv6 group', aside, async (t) => {
  const { registry, arn, start, leave } = await scene(t, { target: 'absent' })
  const target = { ...pod, id: 'fd00::7' }
  registry.register(arn, [target])
  registry.report(arn, target, 'healthy')
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  registry.deregister(arn, [target])
  t.match(await released, { outcome: 'deregistered', targets: [{ id: 'fd00::7' }] })
})

t.test('the binding is deleted during the drain', aside, async (t) => {
  const { registry, store, arn, start, leave } = await scene(t)
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  store.remove(controllerBindings, 'shop', 'web')
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deregistered' }, 'the target is waited for all the same')
})

t.test('a binding that is made after the start', aside, async (t) => {
  const { registry, store, arn, start, leave } = await scene(t)
  const made = store.get(controllerBindings, 'shop', 'web')
  store.remove(controllerBindings, 'shop', 'web')
  const sidecar = await start()
  await said(sidecar, 'this pod and its TargetGroupBindings')
  store.create(controllerBindings, 'shop', made)
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deregistered' })
})

t.test('two bindings in two accounts, each with a role of its own', aside, async (t) => {
  const { registry, store, aws, start, leave } = await scene(t)
  const arns = ['111111111111', '222222222222'].map((account) => {
    const { arn } = registry.createGroup({ ...group, name: `of-${account}`, account })
    registry.register(arn, [pod])
    registry.report(arn, pod, 'healthy')
    const externalId = `id-${account}`
    const role = aws.roles.add({ name: 'reader', account, externalId })
    const spec = { iamRoleArnToAssume: role.arn, assumeRoleExternalId: externalId }
    const name = `of-${account}`
    store.create(controllerBindings, 'shop', binding(name, 'web', { targetGroupARN: arn, ...spec }))
    return arn
  })
  store.remove(controllerBindings, 'shop', 'web')
  const sidecar = await start()
  const released = leave(sidecar)
  for (const arn of arns) await said(sidecar, `"group":"${arn}","id":"10.0.1.7"`)
  for (const arn of arns) registry.deregister(arn, [pod])
  const { outcome, groups = [] } = await released
  t.equal(outcome, 'deregistered')
  t.strictSame(groups.map((one) => one.group).toSorted(), arns)
})

for (const how of ['the object is gone', 'so is its token']) {
  t.test(`deleted by force: ${how}`, aside, async (t) => {
    const { store, access, token, start, leave } = await scene(t)
    const sidecar = await start()
    const released = leave(sidecar)
    await said(sidecar, 'the pod is being deleted')
    await said(sidecar, 'target is healthy')
    store.remove(pods, 'shop', 'web-1')
    if (how === 'so is its token') access.revoke(token)
    const { outcome, heldSeconds = Infinity } = await released
    t.equal(outcome, 'deadline')
    t.ok(heldSeconds < 40, `held for ${heldSeconds} s, of 58`)
  })
}
const faults: Record<string, [ApiFault, said: string]> = {
  down: [{ kind: 'reset' }, 'no answer from the API server'],
  silent: [{ kind: 'hang' }, 'nothing within 5 s'],
  'asking for patience': [{ kind: 'status', code: 429 }, 'asks for patience'],
  broken: [{ kind: 'status', code: 500 }, 'answered 500'],
}

for (const [name, [fault, complaint]] of Object.entries(faults)) {
  t.test(`an API server that is ${name}, for a while`, aside, async (t) => {
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

t.test('an API server that is slow', aside, async (t) => {
  const { server, registry, arn, start, leave } = await scene(t)
  server.break('/', { kind: 'slow', delayMs: 1_000 })
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deregistered' })
  t.notMatch(sidecar.log(), /"failure":/)
})
t.test('the events of a grace period that is too short', aside, async (t) => {
  const spec = { terminationGracePeriodSeconds: 12 }
  const long = { deregistrationDelayMs: 300_000 }
  const { registry, arn, start, leave, told } = await scene(t, { spec, group: long })
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deadline' })
  sidecar.kill('SIGTERM')
  await sidecar.ended
  t.strictSame(told(), ['DrainStarted', 'MisconfiguredGracePeriod', 'DrainDeadlineExceeded'])
})

t.test('the events of a drain that learns nothing', aside, async (t) => {
  const { aws, start, leave, told } = await scene(t, {}, { FALLBACK_SECONDS: '5' })
  aws.faults.add({ kind: 'denied' })
  const sidecar = await start()
  t.match(await leave(sidecar), { outcome: 'fallback' })
  sidecar.kill('SIGTERM')
  await sidecar.ended
  t.strictSame(told(), ['DrainStarted', 'DrainFallback'])
})
t.test('what is wrong with the wiring is said at the start, a line each', aside, async (t) => {
  const preStop = { httpGet: { path: '/prestop', port: 'drain' } }
  const spec = {
    ...{ readinessGates: [], terminationGracePeriodSeconds: 2, hostNetwork: true },
    containers: [{ name: 'app', image: 'web:1.0.0', lifecycle: { preStop } }],
  }
  const { store, start } = await scene(t, { spec })
  store.create(controllerBindings, 'shop', binding('nodes', 'odd', { targetType: 'instance' }))
  const odd = service('odd', { app: 'web' }, { publishNotReadyAddresses: true })
  store.create(services, 'shop', odd)
  const sidecar = await start()
  await said(sidecar, 'publishNotReadyAddresses')
  const about = [...sidecar.log().matchAll(/"level":"warn".*"about":"([a-z-]+)"/g)]
  t.strictSame(about.map(([, what]) => what).toSorted(), [
    ...['grace-period', 'hook', 'host-network', 'instance-targets'],
    ...['not-ready-addresses', 'readiness-gate'],
  ])
})
