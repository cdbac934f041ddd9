import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type AwsOptions, startAws } from '../../lab/elbv2/aws.ts'
import type { GroupOptions } from '../../lab/elbv2/group.ts'
import { createRegistry } from '../../lab/elbv2/registry.ts'
import type { Access } from '../../src/aws/access.ts'
import { createAwsBalancer } from '../../src/aws/balancer.ts'
import { clock } from '../../src/time/clock.ts'

const never = new AbortController().signal
const pod = '10.0.1.7'
const both = ['delay', 'kind'] as const

/** The adapter with the unchanged SDK, before the lab's API on loopback. */
async function scene(
  t: Test,
  {
    group = {},
    access = { roleOf: () => undefined },
    aws: options = {},
  }: {
    group?: Partial<GroupOptions>
    access?: Access
    aws?: Partial<AwsOptions>
  } = {},
) {
  let now = 0
  const registry = createRegistry({ now: () => now, propagationMs: () => 0 })
  const { arn } = registry.createGroup({ name: 'web', defaultPort: 1, ...group })
  registry.register(arn, [
    { id: pod, port: 8080 },
    { id: '10.0.1.8', port: 8080 },
  ])
  registry.report(arn, { id: pod, port: 8080 }, 'healthy')
  const aws = await startAws({ registry, now: clock.now, ...options })
  t.teardown(() => aws.close())
  t.intercept(process, 'env', { value: { ...aws.environment } })
  const balancer = createAwsBalancer({ clock, podIps: () => [pod], access })
  const pass = (ms: number) => {
    now += ms
  }
  return { registry, arn, aws, balancer, pass }
}

t.test('a target from healthy to finished, on the port that the listing tells', async (t) => {
  const { registry, arn, balancer, pass } = await scene(t)
  t.match(await balancer.look(arn, never), {
    kind: 'seen',
    sightings: [{ target: { group: arn, id: pod, port: 8080, zone: String }, state: 'healthy' }],
    group: 'serving',
    othersDraining: 0,
  })
  registry.deregister(arn, [
    { id: pod, port: 8080 },
    { id: '10.0.1.8', port: 8080 },
  ])
  t.match(await balancer.look(arn, never), {
    sightings: [{ state: 'draining', reason: 'Target.DeregistrationInProgress' }],
    ...{ othersDraining: 1, group: 'failing-open' },
  })
  pass(300_000)
  t.match(await balancer.look(arn, never), { kind: 'seen', sightings: [] })
})

t.test('what kind of group it is, and how long its delay: a call for each', async (t) => {
  const { arn, aws, balancer } = await scene(t, {
    group: { protocol: 'TCP', deregistrationDelayMs: 120_000 },
  })
  const described = { kind: 'described', missing: [] } as const
  const kind = { loadBalancer: 'network', traffic: 'connections', targetType: 'ip' }
  const delay = { deregistrationDelayMs: 120_000 }
  const rows = [
    [[], {}, []],
    [['delay'], delay, ['DescribeTargetGroupAttributes']],
    [['kind'], kind, ['DescribeTargetGroups']],
    [both, { ...delay, ...kind }, ['DescribeTargetGroupAttributes', 'DescribeTargetGroups']],
  ] as const
  for (const [wanted, facts, actions] of rows) {
    aws.calls.clear()
    t.strictSame(await balancer.describe(arn, wanted, never), { ...described, facts })
    t.strictSame(
      aws.calls
        .list()
        .map(({ action }) => action)
        .toSorted(),
      actions,
    )
  }
})

t.test('what has no connections to count', async (t) => {
  const { registry, balancer } = await scene(t)
  const { arn } = registry.createGroup({ name: 'games', protocol: 'UDP' })
  t.match(await balancer.describe(arn, ['kind'], never), { facts: { traffic: 'datagrams' } })
})

t.test('an empty answer tells nothing, and that it does not is a failure', async (t) => {
  const { arn, aws, balancer } = await scene(t)
  aws.faults.add({ kind: 'empty-body', action: 'DescribeTargetGroups' })
  aws.faults.add({ kind: 'empty-body', action: 'DescribeTargetGroupAttributes' })
  const { facts, missing } = await balancer.describe(arn, both, never)
  t.strictSame(facts, {})
  t.strictSame(
    missing.map(({ kind }) => kind),
    ['malformed', 'malformed'],
  )
})

t.test('a group of nodes', async (t) => {
  const { registry, balancer } = await scene(t)
  const { arn } = registry.createGroup({ name: 'nodes', targetType: 'instance' })
  t.match(await balancer.describe(arn, ['kind'], never), { facts: { targetType: 'instance' } })
})

t.test('what may not be described is left out', async (t) => {
  const { arn, aws, balancer } = await scene(t)
  aws.faults.add({ kind: 'denied', action: 'DescribeTargetGroupAttributes' })
  t.match(await balancer.describe(arn, both, never), {
    facts: { loadBalancer: 'application' },
    missing: [
      { kind: 'denied', said: /allow elasticloadbalancing:DescribeTargetGroupAttributes for arn:/ },
    ],
  })
})

const faults = [
  ['throttle', 'throttled'],
  ['internal-failure', 'unreachable'],
  ['health-unavailable', 'unreachable'],
  ['denied', 'denied'],
  ['expired', 'denied'],
  ['reset', 'unreachable'],
  ['truncated', 'malformed'],
  ['garbage', 'malformed'],
  ['empty-body', 'malformed'],
  ['missing-list', 'malformed'],
] as const

for (const [kind, failure] of faults) {
  t.test(`${kind} is ${failure}, and the next look is answered`, async (t) => {
    const { arn, aws, balancer } = await scene(t)
    aws.faults.add({ kind, times: 1 })
    const answer = await balancer.look(arn, never)
    t.match(answer, { kind: failure, said: /^DescribeTargetHealth/ })
    t.equal(aws.calls.count({ action: 'DescribeTargetHealth' }), 1, 'no retry of its own')
    t.match(await balancer.look(arn, never), { kind: 'seen', sightings: [{}] })
  })
}

t.test('false answers: an empty list, another pod only', async (t) => {
  const { arn, aws, balancer } = await scene(t)
  for (const kind of ['empty-list', 'other-pod'] as const) {
    aws.faults.add({ kind, times: 1 })
    t.match(await balancer.look(arn, never), { kind: 'seen', sightings: [] }, kind)
  }
})

t.test('a server that hangs is given up: before the headers, and in the body', async (t) => {
  const { arn, aws, balancer } = await scene(t)
  for (const kind of ['hang', 'hang-in-body'] as const) {
    aws.faults.add({ kind, times: 1 })
    t.match(await balancer.look(arn, never), { kind: 'unreachable' }, kind)
  }
  t.match(await balancer.look(arn, never), { kind: 'seen' })
})

t.test('a drain that is over does not wait for its questions', async (t) => {
  const { arn, aws, balancer } = await scene(t)
  aws.faults.add({ kind: 'hang', times: 1 })
  const over = new AbortController()
  const answer = balancer.look(arn, over.signal)
  over.abort()
  t.match(await answer, { kind: 'unreachable' })
})

t.test('a group of another Region, or none', async (t) => {
  const { arn, registry, balancer } = await scene(t)
  registry.deleteGroup(arn)
  t.match(await balancer.look(arn, never), { kind: 'gone' })
  const foreign = arn.replace('123456789012', '999999999999')
  t.match(await balancer.look(foreign, never), {
    kind: 'malformed',
    said: /account 999999999999.*ASSUME_ROLE_ARN/,
  })
})

t.test('a role of another account, with its external id', async (t) => {
  const account = '999999999999'
  const access = (externalId: string): Access => ({
    roleOf: () => ({ arn: `arn:aws:iam::${account}:role/reader`, externalId }),
  })
  for (const [externalId, expected] of [
    ['right', { kind: 'seen', sightings: [{}] }],
    [
      'wrong',
      { kind: 'denied', said: /sts:AssumeRole denied.*role\/reader.*ASSUME_ROLE_EXTERNAL_ID/ },
    ],
  ] as const) {
    const { arn, aws, balancer } = await scene(t, {
      group: { account },
      access: access(externalId),
    })
    aws.roles.add({ name: 'reader', account, externalId: 'right' })
    t.match(await balancer.look(arn, never), expected, externalId)
  }
})

t.test('one role, and an external id for each group', async (t) => {
  const account = '999999999999'
  const role = `arn:aws:iam::${account}:role/reader`
  const ids = new Map<string, string>()
  const roleOf = (group: string) => ({ arn: role, externalId: ids.get(group) ?? '' })
  const { arn, registry, aws, balancer } = await scene(t, {
    group: { account },
    access: { roleOf },
  })
  const other = registry.createGroup({ name: 'other', account }).arn
  ids.set(arn, 'wrong').set(other, 'right')
  aws.roles.add({ name: 'reader', account, externalId: 'right' })
  t.match(await balancer.look(arn, never), { kind: 'denied' })
  t.match(await balancer.look(other, never), { kind: 'seen' })
})

t.test('a group of which only the name is known', async (t) => {
  const { arn, balancer } = await scene(t, {
    access: { roleOf: () => undefined, stsRegion: 'eu-west-1' },
  })
  t.equal(await balancer.arnOf('web', undefined, never), arn)
  t.match(await balancer.arnOf('none', undefined, never), { kind: 'gone' })
})

t.test('without an address a listing would show the pod gone: it is not looked at', async (t) => {
  const { arn } = await scene(t)
  const balancer = createAwsBalancer({
    clock,
    podIps: () => [],
    access: { roleOf: () => undefined },
  })
  t.match(await balancer.look(arn, never), { kind: 'malformed', said: /POD_IPS/ })
})

t.test('IRSA: the web identity token of the service account', async (t) => {
  const { arn, aws, balancer } = await scene(t)
  const tokenFile = join(t.testdir(), 'token')
  writeFileSync(tokenFile, 'the-token')
  const role = aws.roles.add({ name: 'pod', webIdentityTokens: ['the-token'] })
  const env = aws.webIdentityEnvironment({ roleArn: role.arn, tokenFile })
  t.intercept(process, 'env', { value: env })
  t.match(await balancer.look(arn, never), { kind: 'seen', sightings: [{}] })
})

t.test('no credentials at all: says what to give the pod', async (t) => {
  const { arn, balancer } = await scene(t)
  t.intercept(process, 'env', { value: { AWS_EC2_METADATA_DISABLED: 'true', HOME: t.testdir() } })
  t.match(await balancer.look(arn, never), {
    kind: 'denied',
    said: /IRSA or Pod Identity/,
  })
})

t.test('a clock that is an hour off is corrected by the next look', async (t) => {
  const { arn, balancer } = await scene(t, { aws: { skewMs: 3_600_000 } })
  t.match(await balancer.look(arn, never), { kind: 'denied', said: /clock/ })
  t.match(await balancer.look(arn, never), { kind: 'seen' })
})

t.test('an answer of 10 MB is refused before it is parsed', async (t) => {
  const { arn, aws, balancer } = await scene(t)
  aws.faults.add({ kind: 'huge', times: 1 })
  const answer = await balancer.look(arn, never)
  t.match(answer, { kind: 'malformed', said: /more than 2097152 bytes/ })
  t.match(await balancer.look(arn, never), { kind: 'seen', sightings: [{}] })
})
