import t from 'tap'
import { type Balancer, createController } from '../../../lab/controller/controller.ts'
import { createRegistry } from '../../../lab/elbv2/registry.ts'
import { createHandSetClock } from '../hand-set-clock.ts'

function setUp(lags: number[] = [], refusals = 0) {
  const clock = createHandSetClock()
  const registry = createRegistry({ now: clock.now, propagationMs: () => 0 })
  const { arn } = registry.createGroup({ name: 'web', deregistrationDelayMs: 300_000 })
  const calls: [string, string | undefined, number][] = []
  let left = refusals
  function called(name: string, ip: string | undefined) {
    calls.push([name, ip, clock.now()])
    left -= 1
    if (left >= 0) throw new Error('Rate exceeded')
  }
  const balancer: Balancer = {
    register(group, targets) {
      called('register', targets[0]?.id)
      registry.register(group, targets)
    },
    deregister(group, targets) {
      called('deregister', targets[0]?.id)
      registry.deregister(group, targets)
    },
  }
  const options = { arn, port: 8080, lagMs: () => lags.shift() ?? 0 }
  const controller = createController(options, { balancer, registry, clock })
  return { clock, registry, arn, calls, controller }
}

const ip = '10.0.1.7'

t.test('a ready pod is registered, a terminating one deregistered after its own lag', async (t) => {
  const { clock, registry, arn, calls, controller } = setUp([2000, 500])
  controller.ready(ip)
  controller.ready('10.0.1.8')
  await clock.advance(1000)
  t.match(registry.describe(arn), [{ id: ip, port: 8080, state: 'initial' }, { id: '10.0.1.8' }])
  controller.terminating(ip)
  controller.terminating('10.0.1.8')
  controller.terminating('10.0.1.8')
  await clock.advance(5000)
  t.strictSame(calls.slice(2), [
    ['deregister', '10.0.1.8', 1500],
    ['deregister', ip, 3000],
  ])
  await controller.close()
})

t.test('the readiness gate is the health of the target, until the pod terminates', async (t) => {
  const { clock, registry, arn, controller } = setUp()
  t.notOk(controller.gate(ip), 'not registered')
  controller.ready(ip)
  await clock.advance(10)
  t.notOk(controller.gate(ip), 'initial')
  registry.report(arn, { id: ip, port: 8080 }, 'healthy')
  t.ok(controller.gate(ip))
  registry.report(arn, { id: ip, port: 8080 }, 'unhealthy')
  t.notOk(controller.gate(ip))
  registry.report(arn, { id: ip, port: 8080 }, 'healthy')
  controller.terminating(ip)
  await clock.advance(10)
  t.equal(registry.describe(arn)[0]?.state, 'draining')
  t.ok(controller.gate(ip), 'nobody updates it any more')
  await controller.close()
})

t.test('a pod that is not ready for a while is deregistered and registered again', async (t) => {
  const { clock, registry, arn, controller } = setUp([2000])
  controller.ready(ip)
  await clock.advance(10)
  controller.unready(ip)
  await clock.advance(10)
  t.equal(registry.describe(arn)[0]?.state, 'draining')
  controller.ready(ip)
  await clock.advance(10)
  t.equal(registry.describe(arn)[0]?.state, 'initial')
  await controller.close()
})

t.test('a call that fails is made again, slower each time', async (t) => {
  const { clock, calls, controller } = setUp([], 4)
  controller.ready(ip)
  await clock.advance(1000)
  t.strictSame(
    calls.map(([, , atMs]) => atMs),
    [0, 5, 15, 35, 75],
  )
  await controller.close()
})

t.test('what is no longer wished is not tried again', async (t) => {
  const { clock, calls, controller } = setUp([], 3)
  controller.ready(ip)
  await clock.advance(10)
  controller.terminating(ip)
  await clock.advance(1000)
  t.strictSame(
    calls.map(([name]) => name),
    ['register', 'register', 'deregister', 'deregister'],
  )
  await controller.close()
})

t.test('a pod that was never ready was never registered; close ends all waits', async (t) => {
  const { clock, calls, controller } = setUp([60_000, 60_000])
  controller.terminating(ip)
  controller.ready('10.0.1.8')
  await clock.advance(10)
  controller.terminating('10.0.1.8')
  await controller.close()
  t.strictSame(calls, [['register', '10.0.1.8', 0]])
})
