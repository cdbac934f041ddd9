import t from 'tap'
import { controllerBindings, events, pods, services } from '../../lab/kubernetes/resources.ts'
import { without } from '../doctor/stage.ts'
import { aside } from '../support/aside.ts'
import { arnOfGroup, binding, service } from '../support/scripted-cluster.ts'
import { read } from '../telling/metrics/read.ts'
import { group, pod, said, scene } from './pod-scene.ts'

// Each of these is little more than waiting for the first look.
t.jobs = 6

t.test('a dual-stack pod behind an IPv6 group', aside(), async (t) => {
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

t.test('the binding is deleted during the drain', aside(), async (t) => {
  const { registry, store, arn, start, leave } = await scene(t)
  const sidecar = await start()
  const released = leave(sidecar)
  await said(sidecar, 'target is healthy')
  store.remove(controllerBindings, 'shop', 'web')
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deregistered' }, 'the target is waited for all the same')
})

t.test('a binding that is made after the start', aside(), async (t) => {
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

t.test('two bindings in two accounts, each with a role of its own', aside(), async (t) => {
  const { registry, store, put, aws, start, leave } = await scene(t)
  const arns = ['111111111111', '222222222222'].map((account) => {
    const { arn } = registry.createGroup({ ...group, name: `of-${account}`, account })
    registry.register(arn, [pod])
    registry.report(arn, pod, 'healthy')
    const externalId = `id-${account}`
    const role = aws.roles.add({ name: 'reader', account, externalId })
    const spec = { iamRoleArnToAssume: role.arn, assumeRoleExternalId: externalId }
    const name = `of-${account}`
    put(controllerBindings, binding(name, 'web', { targetGroupARN: arn, ...spec }))
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

t.test('a role in the settings is used before that of the binding', aside(), async (t) => {
  const { registry, store, put, aws, start, leave } = await scene(t)
  const account = '111111111111'
  const { arn } = registry.createGroup({ ...group, name: 'far', account })
  registry.register(arn, [pod])
  registry.report(arn, pod, 'healthy')
  const role = aws.roles.add({ name: 'reader', account, externalId: 'mine' })
  const theirs = { iamRoleArnToAssume: `arn:aws:iam::${account}:role/controller` }
  put(controllerBindings, binding('far', 'web', { targetGroupARN: arn, ...theirs }))
  store.remove(controllerBindings, 'shop', 'web')
  const sidecar = await start({ ASSUME_ROLE_ARN: role.arn, ASSUME_ROLE_EXTERNAL_ID: 'mine' })
  const released = leave(sidecar)
  await said(sidecar, `"group":"${arn}","id":"10.0.1.7"`)
  registry.deregister(arn, [pod])
  t.match(await released, { outcome: 'deregistered' })
})

const lacking: [group: string, resource: string, verb: string][] = [
  ['', 'services', 'list'],
  ['elbv2.k8s.aws', 'targetgroupbindings', 'list'],
  ['', 'events', 'create'],
]

for (const [group, resource, verb] of lacking) {
  t.test(`a Role that lacks ${verb} ${resource}: said, and nothing breaks`, aside(), async (t) => {
    const { registry, arn, start, leave } = await scene(t, {
      rules: without(group, resource, verb),
    })
    const sidecar = await start()
    const released = leave(sidecar)
    await said(sidecar, 'target is healthy')
    registry.deregister(arn, [pod])
    t.match(await released, { outcome: 'deregistered' })
    const rule = `add {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`
    t.ok(sidecar.log().includes(JSON.stringify(rule).slice(1, -1)), sidecar.log())
  })
}

t.test('what is wrong with the wiring is said at the start, a line each', aside(), async (t) => {
  const preStop = { httpGet: { path: '/prestop', port: 'drain' } }
  const spec = {
    ...{ readinessGates: [], terminationGracePeriodSeconds: 2, hostNetwork: true },
    containers: [{ name: 'app', image: 'web:1.0.0', lifecycle: { preStop } }],
  }
  const { put, start } = await scene(t, { spec })
  put(controllerBindings, binding('nodes', 'odd', { targetType: 'instance' }))
  const odd = service('odd', { app: 'web' }, { publishNotReadyAddresses: true })
  put(services, odd)
  const sidecar = await start()
  await said(sidecar, 'publishNotReadyAddresses')
  const about = [...sidecar.log().matchAll(/"level":"warn".*"about":"([a-z-]+)"/g)]
  t.strictSame(about.map(([, what]) => what).toSorted(), [
    ...['grace-period', 'hook', 'host-network', 'instance-targets'],
    ...['not-ready-addresses', 'readiness-gate'],
  ])
})

/** With less room for it in the grace period, the first look comes sooner. */
const soon = { SETTLE_SECONDS: '52' }

t.test('TARGET_GROUP_ARNS names no group: said at the start, and held', aside(), async (t) => {
  const { registry, arn, start, leave } = await scene(t)
  const wrong = { TARGET_GROUP_ARNS: arnOfGroup('wbe'), FALLBACK_SECONDS: '5' }
  const sidecar = await start({ ...soon, ...wrong })
  await said(sidecar, '"about":"target-groups"')
  t.ok(sidecar.log().includes(`TargetGroupBinding web registers this pod with ${arn}, which`))
  const because = /the target group does not exist: mend TARGET_GROUP_ARNS, or leave it out/
  const { heldSeconds = 0, ...report } = await leave(sidecar)
  t.match(report, { outcome: 'fallback', severity: 'warning', because })
  t.ok(heldSeconds >= 5, `held for ${heldSeconds} s`)
  t.match(registry.describe(arn), [{ state: 'healthy' }], 'it would have been let go too soon')
})

t.test('in no group of its namespace, and ready: a warning everywhere', aside(), async (t) => {
  const { store, start, leave } = await scene(t, {
    spec: { readinessGates: [] },
    group: { deregistrationDelayMs: 300_000 },
    target: 'absent',
  })
  const conditions = [{ type: 'Ready', status: 'True' } as const]
  store.update(pods, 'shop', 'web-1', (old) => ({ ...old, status: { ...old.status, conditions } }))
  store.remove(services, 'shop', 'web')
  const sidecar = await start(soon)
  const because = /^this pod was looked for, and is in none of the target groups web: it is ready/
  t.match(await leave(sidecar), { outcome: 'unregistered', severity: 'warning', because })
  t.match(sidecar.log(), /no TargetGroupBinding is about this pod: looking once at 1 of its/)
  t.match(sidecar.log(), /"level":"warn"[^\n]*"outcome":"unregistered"/)
  const metrics = read(await (await fetch(`${sidecar.url}/metrics`)).text())
  t.equal(metrics.get('draingate_bad_ends_total{outcome="unregistered"}'), 1)
  sidecar.kill('SIGTERM')
  await sidecar.ended
  t.match(store.list(events, 'shop'), [
    { reason: 'DrainStarted', type: 'Normal' },
    { reason: 'DrainUnregistered', type: 'Warning', message: /^unregistered after .* it is ready/ },
  ])
})
