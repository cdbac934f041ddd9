import t from 'tap'
import { createBindingsController } from '../../../lab/controller/bindings.ts'
import { gateOf } from '../../../lab/controller/gates.ts'
import { createRegistry } from '../../../lab/elbv2/registry.ts'
import { setCondition } from '../../../lab/kubernetes/condition.ts'
import type { Condition } from '../../../lab/kubernetes/objects.ts'
import {
  controllerBindings,
  namespaces,
  pods,
  services,
} from '../../../lab/kubernetes/resources.ts'
import { createStore } from '../../../lab/kubernetes/store.ts'
import { createHandSetClock } from '../hand-set-clock.ts'

const ip = '10.0.1.7'
const label = { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' }

function setUp(t: { teardown(end: () => Promise<void>): void }, lagMs = 2_000) {
  const clock = createHandSetClock()
  const wallMs = () => Date.parse('2030-01-01T00:00:00Z') + clock.now()
  const store = createStore({ wallMs })
  const registry = createRegistry({ now: clock.now, propagationMs: () => 0 })
  const group = (name: string) => registry.createGroup({ name }).arn
  const deps = { store, registry, balancer: registry, clock, wallMs, lagMs: () => lagMs }
  const controller = createBindingsController(deps)
  t.teardown(() => controller.close())
  store.create(namespaces, '', { metadata: { name: 'shop', labels: label } })
  const ports = [{ name: 'http', port: 80, targetPort: 'web' }]
  store.create(services, 'shop', {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports },
  })
  const bind = (name: string, spec: object) =>
    store.create(controllerBindings, 'shop', {
      metadata: { name },
      spec: { serviceRef: { name: 'web', port: 'http' }, ...spec },
    })
  const run = (name = 'web-1', labels: Record<string, string> = { app: 'web' }) =>
    store.create(pods, 'shop', {
      metadata: { name, labels },
      spec: {
        nodeName: 'node-1',
        containers: [{ name: 'app', image: 'app', ports: [{ name: 'web', containerPort: 8080 }] }],
      },
      status: { podIP: ip },
    })
  function set(type: string, status: Condition['status'], name = 'web-1') {
    store.update(pods, 'shop', name, (pod) => {
      const conditions = setCondition(pod.status?.conditions ?? [], { type, status }, 'now')
      return { ...pod, status: { ...pod.status, conditions } }
    })
  }
  const condition = (type: string) =>
    store.get(pods, 'shop', 'web-1').status?.conditions?.find((one) => one.type === type)
  const states = (arn: string) =>
    registry.describe(arn).map(({ id, port, state }) => `${id}:${port} ${state}`)
  return { clock, store, registry, group, bind, run, set, condition, states }
}

t.test('a pod with ready containers is in the groups of its bindings', async (t) => {
  const { clock, group, bind, run, set, states, store } = setUp(t)
  const [a, b, nodes] = [group('a'), group('b'), group('nodes')]
  bind('a', { targetGroupARN: a, targetType: 'ip' })
  bind('b', { targetGroupName: 'b' })
  bind('nodes', { targetGroupARN: nodes, targetType: 'instance' })
  bind('lost', { targetGroupARN: a, serviceRef: { name: 'none', port: 80 } })
  run()
  run('db-1', { app: 'db' })
  await clock.advance(10)
  t.strictSame(states(a), [])
  set('ContainersReady', 'True')
  await clock.advance(10)
  t.strictSame(states(a), [`${ip}:8080 initial`], 'by the name of the port')
  t.strictSame(states(b), [`${ip}:8080 initial`], 'by the name of the group')
  t.strictSame(states(nodes), [])
  set('ContainersReady', 'False')
  await clock.advance(10)
  t.strictSame(states(a), [`${ip}:8080 draining`])
  set('ContainersReady', 'True')
  store.remove(controllerBindings, 'shop', 'b')
  await clock.advance(3_000)
  t.strictSame(states(a), [`${ip}:8080 initial`])
  t.strictSame(states(b), [`${ip}:8080 draining`], 'a binding that is gone wants nobody')
})

t.test('a deleted pod is deregistered after the lag, as is one that is just gone', async (t) => {
  const { clock, group, bind, run, set, states, store } = setUp(t)
  const arn = group('a')
  bind('a', { targetGroupARN: arn })
  run()
  set('ContainersReady', 'True')
  await clock.advance(10)
  store.delete(pods, 'shop', 'web-1')
  await clock.advance(1_900)
  t.strictSame(states(arn), [`${ip}:8080 initial`])
  await clock.advance(200)
  t.strictSame(states(arn), [`${ip}:8080 draining`])

  const other = setUp(t)
  const forced = other.group('a')
  other.bind('a', { targetGroupARN: forced })
  other.run()
  other.set('ContainersReady', 'True')
  await other.clock.advance(10)
  other.store.delete(pods, 'shop', 'web-1', 0)
  await other.clock.advance(1_900)
  t.strictSame(other.states(forced), [`${ip}:8080 initial`])
  await other.clock.advance(200)
  t.strictSame(other.states(forced), [`${ip}:8080 draining`])
})

t.test('a Service that selects other pods takes the binding along', async (t) => {
  const { clock, group, bind, run, set, states, store } = setUp(t, 0)
  const arn = group('a')
  bind('a', { targetGroupARN: arn })
  run()
  set('ContainersReady', 'True')
  await clock.advance(10)
  store.update(services, 'shop', 'web', (service) => ({
    ...service,
    spec: { ...service.spec, selector: { app: 'web', colour: 'green' } },
  }))
  await clock.advance(10)
  t.strictSame(states(arn), [`${ip}:8080 draining`])
})

t.test('gates are injected where the namespace asks for it, and told of health', async (t) => {
  const { clock, group, bind, run, set, condition, registry, store } = setUp(t)
  const arn = group('a')
  bind('a', { targetGroupARN: arn })
  bind('nodes', { targetGroupARN: arn, targetType: 'instance' })
  const gates = [{ conditionType: 'target-health.elbv2.k8s.aws/a' }]
  t.strictSame(run().spec?.readinessGates, gates)
  const gate = gateOf('a')
  set('ContainersReady', 'True')
  await clock.advance(100)
  t.match(condition(gate), { status: 'False', reason: 'Elb.RegistrationInProgress' })
  await clock.advance(3_000)
  t.match(condition(gate), { status: 'False', reason: 'Elb.InitialHealthChecking' })
  registry.report(arn, { id: ip, port: 8080 }, 'healthy')
  await clock.advance(100)
  t.match(condition(gate), { status: 'True', lastTransitionTime: '2030-01-01T00:00:03Z' })
  store.delete(pods, 'shop', 'web-1')
  await clock.advance(5_000)
  t.match(condition(gate), { status: 'True' }, 'a terminating pod is told nothing any more')

  store.update(namespaces, '', 'shop', ({ metadata: { labels: _none, ...metadata }, ...rest }) => ({
    ...rest,
    metadata,
  }))
  t.equal(run('web-2').spec?.readinessGates, undefined)
})
