import t from 'tap'
import { watchHealth } from '../../../lab/alb/health.ts'
import { createRegistry } from '../../../lab/elbv2/registry.ts'
import { createHandSetClock } from '../hand-set-clock.ts'
import { startService } from './service.ts'

function setUp() {
  const clock = createHandSetClock()
  const registry = createRegistry({ now: clock.now, propagationMs: () => 0 })
  const { arn } = registry.createGroup({ name: 'web', deregistrationDelayMs: 10_000 })
  const stop = new AbortController()
  const asked: string[] = []
  const status = new Map<string, number>()
  const network = {
    ask({ ip }: { ip: string }) {
      asked.push(ip)
      return Promise.resolve(status.get(ip))
    },
  }
  const check = { intervalMs: 1000, healthyThreshold: 3, unhealthyThreshold: 2 }
  const deps = { arn, registry, network, clock, signal: stop.signal }
  const states = () => registry.describe(arn).map(({ state }) => state)
  return {
    clock,
    registry,
    arn,
    asked,
    status,
    states,
    stop,
    watch: () => watchHealth(check, deps),
  }
}

t.test('one pass makes a new target healthy; then the thresholds count', async (t) => {
  const { clock, registry, arn, status, states, stop, watch } = setUp()
  registry.register(arn, [{ id: '10.0.1.4' }])
  const answers = [500, 200, 404, 200, 503, 500, 200, 200, 500, 200, 200, 200]
  status.set('10.0.1.4', answers[0] ?? 0)
  const watching = watch()
  await clock.advance(500)
  const seen = states()
  for (const answer of answers.slice(1)) {
    status.set('10.0.1.4', answer)
    await clock.advance(1000)
    seen.push(...states())
  }
  stop.abort()
  await watching
  t.strictSame(seen, [
    ...['initial', 'healthy', 'healthy', 'healthy', 'healthy'],
    ...['unhealthy', 'unhealthy', 'unhealthy', 'unhealthy', 'unhealthy', 'unhealthy'],
    'healthy',
  ])
})

t.test('draining targets are not asked', async (t) => {
  const { clock, registry, arn, asked, status, states, stop, watch } = setUp()
  registry.register(arn, [{ id: '10.0.1.4' }, { id: '10.0.1.5' }])
  status.set('10.0.1.4', 200).set('10.0.1.5', 200)
  const watching = watch()
  await clock.advance(500)
  t.strictSame(states(), ['healthy', 'healthy'])
  registry.deregister(arn, [{ id: '10.0.1.4' }])
  asked.length = 0
  await clock.advance(1000)
  t.strictSame(asked, ['10.0.1.5'])
  t.strictSame(states().sort(), ['draining', 'healthy'])
  stop.abort()
  await watching
})

t.test('a load balancer checks by itself, and fails open', async (t) => {
  let sick = false
  const healthCheck = { path: '/healthz', intervalMs: 10, unhealthyThreshold: 1 }
  const { registry, arn, target, ask } = await startService(t, { healthCheck })
  await target('10.0.1.4', ({ url, headers }, response) => {
    const check = url === '/healthz'
    if (check) t.equal(headers['user-agent'], 'ELB-HealthChecker/2.0')
    response.writeHead(check && sick ? 500 : 200).end()
  })
  sick = true
  const state = () => registry.describe(arn)[0]?.state
  while (state() !== 'unhealthy') await new Promise((resolve) => setTimeout(resolve, 5))
  t.equal((await ask('/')).status, 200)
})
