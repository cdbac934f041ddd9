import t from 'tap'
import type { GroupOptions } from '../../../lab/elbv2/group.ts'
import { createRegistry } from '../../../lab/elbv2/registry.ts'

function setUp(options: Partial<GroupOptions> = {}, lagsMs: number[] = []) {
  const time = { ms: 1_000_000 }
  const registry = createRegistry({
    now: () => time.ms,
    propagationMs: () => lagsMs.shift() ?? 0,
  })
  const { arn } = registry.createGroup({ name: 'web', ...options })
  const states = () => registry.describe(arn).map(({ state }) => state)
  const served = () => registry.inRotation(arn).map(({ id }) => id)
  return { time, registry, arn, states, served }
}

const pod = { id: '10.0.1.7', port: 8080 }
const other = { id: '10.0.1.8', port: 8080 }

t.test('a target is initial for two reasons in turn, until a health report', (t) => {
  const { time, registry, arn } = setUp()
  registry.register(arn, [pod])
  const reason = () => registry.describe(arn)[0]?.reason
  t.equal(reason(), 'Elb.RegistrationInProgress')
  time.ms += 1_999
  t.equal(reason(), 'Elb.RegistrationInProgress')
  time.ms += 1
  t.equal(reason(), 'Elb.InitialHealthChecking')

  registry.report(arn, pod, 'healthy')
  t.strictSame(registry.describe(arn), [
    { ...pod, zone: 'eu-west-1a', healthCheckPort: '8080', state: 'healthy' },
  ])
  registry.report(arn, pod, 'unhealthy')
  t.match(registry.describe(arn), [{ state: 'unhealthy', reason: 'Target.FailedHealthChecks' }])
  t.end()
})

t.test('draining lasts for the delay, to the millisecond', (t) => {
  const { time, registry, arn, states } = setUp({ deregistrationDelayMs: 30_000 })
  registry.register(arn, [pod])
  registry.report(arn, pod, 'healthy')
  registry.deregister(arn, [pod])
  t.match(registry.describe(arn, [pod]), [
    { state: 'draining', reason: 'Target.DeregistrationInProgress' },
  ])

  time.ms += 10_000
  registry.deregister(arn, [pod])
  time.ms += 19_999
  t.strictSame(states(), ['draining'], 'a second deregistration leaves the timer alone')
  time.ms += 1
  t.strictSame(states(), [], 'a finished target is absent from the listing')
  t.match(registry.describe(arn, [pod]), [{ state: 'unused', reason: 'Target.NotRegistered' }])
  t.end()
})

t.test('finished and never registered are told in the same words', (t) => {
  const { registry, arn } = setUp({ deregistrationDelayMs: 0 })
  registry.register(arn, [pod])
  registry.deregister(arn, [pod])
  const [finished, never] = registry.describe(arn, [pod, other])
  t.strictSame({ ...finished, id: '', zone: '' }, { ...never, id: '', zone: '' })
  t.end()
})

t.test('the delay is the one that the attributes name when deregistration starts', (t) => {
  const { time, registry, arn, states } = setUp()
  t.equal(
    registry.group(arn).attributes.get('deregistration_delay.timeout_seconds'),
    '300',
    "AWS's default",
  )
  registry.group(arn).attributes.set('deregistration_delay.timeout_seconds', '5')
  registry.register(arn, [pod])
  registry.deregister(arn, [pod])
  registry.group(arn).attributes.set('deregistration_delay.timeout_seconds', '60')
  time.ms += 4_999
  t.strictSame(states(), ['draining'])
  time.ms += 1
  t.strictSame(states(), [])
  t.end()
})

t.test('a name without a port means the default port, and misses the pod', (t) => {
  const { registry, arn } = setUp({ defaultPort: 1 })
  registry.register(arn, [pod])
  t.match(registry.describe(arn, [{ id: pod.id }]), [
    { port: 1, state: 'unused', reason: 'Target.NotRegistered' },
  ])
  registry.deregister(arn, [{ id: pod.id }])
  t.match(registry.describe(arn), [{ port: 8080, state: 'initial' }])
  t.end()
})

t.test('one address on two ports is two targets', (t) => {
  const { registry, arn, states } = setUp()
  registry.register(arn, [pod, { ...pod, port: 9090 }, pod])
  registry.deregister(arn, [pod])
  t.strictSame(states(), ['draining', 'initial'])
  t.end()
})

t.test('registering again revives a draining target only', (t) => {
  const { time, registry, arn, states } = setUp({ deregistrationDelayMs: 10_000 })
  registry.register(arn, [pod])
  registry.report(arn, pod, 'healthy')
  registry.register(arn, [pod])
  t.strictSame(states(), ['healthy'])
  registry.deregister(arn, [pod])
  registry.register(arn, [pod])
  t.strictSame(states(), ['initial'])
  time.ms += 20_000
  t.strictSame(states(), ['initial'], 'the old timer is gone')
  t.end()
})

t.test('an unhealthy target leaves a network load balancer as unhealthy.draining', (t) => {
  for (const protocol of ['TCP', 'TLS', 'UDP', 'TCP_UDP'] as const) {
    const { registry, arn, states } = setUp({ protocol })
    registry.register(arn, [pod])
    registry.report(arn, pod, 'unhealthy')
    t.strictSame(states(), ['unhealthy'])
    registry.deregister(arn, [pod])
    t.strictSame(states(), ['unhealthy.draining'])
    registry.report(arn, pod, 'healthy')
    t.strictSame(states(), ['draining'])
  }
  const { registry, arn, states } = setUp({ protocol: 'HTTPS' })
  registry.register(arn, [pod])
  registry.report(arn, pod, 'unhealthy')
  registry.deregister(arn, [pod])
  t.strictSame(states(), ['draining'])
  t.end()
})

t.test('the unhealthy draining interval ends to the millisecond', (t) => {
  const { time, registry, arn, states } = setUp({ protocol: 'TCP' })
  const key = 'target_health_state.unhealthy.draining_interval_seconds'
  registry.group(arn).attributes.set(key, '3')
  registry.register(arn, [pod])
  registry.report(arn, pod, 'unhealthy')
  time.ms += 1_000
  registry.report(arn, pod, 'unhealthy')
  time.ms += 1_999
  t.strictSame(states(), ['unhealthy.draining'], 'a repeated finding does not restart it')
  time.ms += 1
  t.strictSame(states(), ['unhealthy'])
  t.end()
})

t.test('a group on no load balancer uses nobody', (t) => {
  const { registry, arn, served } = setUp({ attached: 'detached' })
  registry.register(arn, [pod])
  registry.report(arn, pod, 'healthy')
  t.match(registry.describe(arn), [{ state: 'unused', reason: 'Target.NotInUse' }])
  t.strictSame(served(), [])
  t.end()
})

t.test('requests go to the healthy, and to all when none is healthy', (t) => {
  const { registry, arn, served } = setUp()
  registry.register(arn, [pod, other])
  t.strictSame(served(), [pod.id, other.id])
  registry.report(arn, other, 'healthy')
  t.strictSame(served(), [other.id])
  registry.report(arn, other, 'unhealthy')
  t.strictSame(served(), [pod.id, other.id])
  t.end()
})

t.test('requests outlive deregistration by its own lag, even past unused', (t) => {
  const { time, registry, arn, states, served } = setUp(
    { deregistrationDelayMs: 5_000 },
    [19_000, 8_000],
  )
  registry.register(arn, [pod, other])
  registry.report(arn, pod, 'healthy')
  registry.report(arn, other, 'healthy')
  registry.deregister(arn, [pod, other])
  time.ms += 5_000
  t.strictSame(states(), [])
  t.match(registry.inRotation(arn), [{ state: 'unused' }, { state: 'unused' }])
  registry.register(arn, [{ id: '10.0.1.9' }])
  t.strictSame(served(), ['10.0.1.9', pod.id, other.id])
  time.ms += 2_999
  t.strictSame(served(), ['10.0.1.9', pod.id, other.id])
  time.ms += 1
  t.strictSame(served(), ['10.0.1.9', pod.id])
  time.ms += 10_999
  t.strictSame(served(), ['10.0.1.9', pod.id])
  time.ms += 1
  t.strictSame(served(), ['10.0.1.9'])
  t.end()
})

t.test('leaving does not bring requests to a target that got none', (t) => {
  const { registry, arn, served } = setUp({}, [10_000])
  registry.register(arn, [pod, other])
  registry.report(arn, other, 'healthy')
  registry.deregister(arn, [pod])
  t.strictSame(served(), [other.id])
  t.end()
})

t.test('reports and deregistrations of unknown targets are no errors', (t) => {
  const { registry, arn, states } = setUp()
  registry.report(arn, pod, 'healthy')
  registry.deregister(arn, [pod])
  t.strictSame(states(), [])
  t.end()
})

t.test('groups come, go and come back under another ARN', (t) => {
  const { registry, arn } = setUp()
  t.match(
    arn,
    /^arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup\/web\/[\da-f]{16}$/,
  )
  t.throws(() => registry.createGroup({ name: 'web' }), { code: 'DuplicateTargetGroupName' })
  registry.createGroup({ name: 'web', region: 'us-east-1' })
  registry.createGroup({ name: 'web-2', account: '210987654321' })
  t.equal(registry.groups().length, 3)
  registry.deleteGroup(arn)
  t.throws(() => registry.group(arn), { code: 'TargetGroupNotFound', status: 400 })
  t.not(registry.createGroup({ name: 'web' }).arn, arn)
  t.end()
})

t.test('what AWS would refuse is refused', (t) => {
  const { registry, arn } = setUp()
  const refused = { code: 'ValidationError', status: 400 }
  registry.register(arn, [{ ...pod, zone: 'eu-west-1b' }])
  t.match(registry.describe(arn, [{ ...pod, zone: 'eu-west-1b' }]), [{ state: 'initial' }])
  t.throws(() => registry.describe(arn, [{ ...pod, zone: 'eu-west-1a' }]), refused)
  t.throws(() => registry.describe(arn, [{ ...pod, zone: 'us-east-1a' }]), refused)
  t.throws(() => registry.describe('web'), refused)
  t.throws(() => registry.describe(arn, [{ id: 'i-0123456789abcdef0' }]), refused)
  t.throws(() => registry.register(arn, [other, { ...pod, port: 0 }]), refused)
  t.equal(registry.describe(arn).length, 1, 'all or nothing')
  t.throws(() => registry.createGroup({ name: 'not a name' }), refused)
  t.throws(() => registry.createGroup({ name: 'a', deregistrationDelayMs: 3_600_001 }), refused)
  t.throws(() => registry.createGroup({ name: 'a', defaultPort: 0 }), refused)

  const nodes = registry.createGroup({ name: 'nodes', targetType: 'instance' })
  registry.register(nodes.arn, [{ id: 'i-0123456789abcdef0' }])
  t.throws(() => registry.register(nodes.arn, [pod]), refused)
  t.end()
})
