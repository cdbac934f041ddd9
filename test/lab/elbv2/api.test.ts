import {
  DeregisterTargetsCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  paginateDescribeTargetGroups,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import t from 'tap'
import { clientOf, startLab } from './support.ts'

t.test('a drain as the SDK sees it', async (t) => {
  const { arn, client, time } = await startLab(t)
  const look = async (Targets?: { Id: string; Port?: number; AvailabilityZone?: string }[]) => {
    const input = { TargetGroupArn: arn, ...(Targets && { Targets }) }
    return (await client.send(new DescribeTargetHealthCommand(input))).TargetHealthDescriptions
  }
  const target = { Id: '10.0.1.9', Port: 9090 }
  await client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [target] }))
  t.match(await look(), [
    {
      HealthCheckPort: '8080',
      Target: { Id: '10.0.1.7', Port: 8080, AvailabilityZone: 'eu-west-1a' },
      TargetHealth: { State: 'healthy', Reason: undefined },
    },
    { Target: target, TargetHealth: { State: 'initial', Reason: 'Elb.RegistrationInProgress' } },
  ])
  await client.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets: [target] }))
  t.match(await look([{ ...target, AvailabilityZone: 'eu-west-1a' }]), [
    {
      TargetHealth: {
        State: 'draining',
        Reason: 'Target.DeregistrationInProgress',
        Description: 'Target deregistration is in progress',
      },
    },
  ])
  time.ms += 300_000
  t.match(await look([target]), [
    { Target: target, TargetHealth: { State: 'unused', Reason: 'Target.NotRegistered' } },
  ])
  t.equal((await look())?.length, 1)
  t.strictSame(
    (await look([{ Id: '10.0.1.7' }, target]))?.map(({ TargetHealth }) => TargetHealth?.State),
    ['healthy', 'unused'],
  )
})

t.test('an empty group is an empty list, not a missing one', async (t) => {
  const { registry, client } = await startLab(t)
  const { arn } = registry.createGroup({ name: 'empty' })
  const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))
  t.strictSame(answer.TargetHealthDescriptions, [])
})

t.test('groups by name, by ARN, by load balancer and page by page', async (t) => {
  const { registry, arn, client } = await startLab(t)
  registry.createGroup({ name: 'api', protocol: 'TCP', targetType: 'instance' })
  registry.createGroup({ name: 'last', attached: 'detached' })
  const names = async (input: object) => {
    const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand(input))
    return TargetGroups?.map(({ TargetGroupName }) => TargetGroupName)
  }
  t.strictSame(await names({}), ['web', 'api', 'last'])
  t.strictSame(await names({ Names: ['last', 'web'] }), ['last', 'web'])
  t.strictSame(await names({ TargetGroupArns: [arn] }), ['web'])
  const [LoadBalancerArn] = registry.group(arn).loadBalancerArns
  t.strictSame(await names({ LoadBalancerArn }), ['web'])
  await t.rejects(names({ Names: ['nobody'] }), { name: 'TargetGroupNotFoundException' })
  await t.rejects(names({ Names: ['web'], TargetGroupArns: [arn] }), { name: 'ValidationError' })
  await t.rejects(names({ PageSize: 401 }), { name: 'ValidationError' })
  await t.rejects(names({ Marker: 'nonsense' }), { name: 'ValidationError' })

  const pages: unknown[] = []
  for await (const page of paginateDescribeTargetGroups({ client }, { PageSize: 2 })) {
    pages.push(page.TargetGroups?.length)
  }
  t.strictSame(pages, [2, 1])

  const { TargetGroups } = await client.send(new DescribeTargetGroupsCommand({ Names: ['api'] }))
  t.match(TargetGroups, [
    {
      Protocol: 'TCP',
      Port: 80,
      TargetType: 'instance',
      LoadBalancerArns: [/loadbalancer\/net\//],
    },
  ])
})

t.test('attributes', async (t) => {
  const { registry, client } = await startLab(t)
  const { arn } = registry.createGroup({ name: 'slow', deregistrationDelayMs: 45_000 })
  const { Attributes } = await client.send(
    new DescribeTargetGroupAttributesCommand({ TargetGroupArn: arn }),
  )
  const read = new Map(Attributes?.map(({ Key, Value }) => [Key, Value]))
  t.equal(read.get('deregistration_delay.timeout_seconds'), '45')
  t.equal(read.get('stickiness.enabled'), 'false')
})

t.test('what AWS refuses', async (t) => {
  const { arn, aws, registry, client } = await startLab(t)
  const look = (TargetGroupArn: string, target?: object) => {
    const Targets = target && [{ Id: '10.0.1.7', ...target }]
    return client.send(
      new DescribeTargetHealthCommand({ TargetGroupArn, ...(Targets && { Targets }) }),
    )
  }
  const refusal = (status: number) => ({ $metadata: { httpStatusCode: status } })
  await t.rejects(look('web'), { name: 'ValidationError', ...refusal(400) })
  await t.rejects(look(arn.replace(/.$/, 'x')), { message: /'arn:aws:.*' is not a valid target/ })
  await t.rejects(look(`${arn}00`), { name: 'TargetGroupNotFoundException', ...refusal(400) })
  await t.rejects(look(arn, { AvailabilityZone: 'eu-west-1b' }), { name: 'ValidationError' })
  await t.rejects(look(arn, { Port: 70_000 }), { name: 'ValidationError' })
  await t.rejects(client.send(new DescribeTargetHealthCommand({ TargetGroupArn: '' })), {
    message: /must be specified/,
  })
  await t.rejects(client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [] })), {
    name: 'ValidationError',
  })
  await t.rejects(client.send(new DescribeLoadBalancersCommand({})), {
    name: 'InvalidAction',
    message: 'Could not find operation DescribeLoadBalancers for version 2015-12-01',
  })
  t.strictSame(aws.calls.list().at(-1)?.action, 'Unknown')
  registry.deleteGroup(arn)
  await t.rejects(look(arn), { name: 'TargetGroupNotFoundException' })
})

t.test("another account's and another Region's group is no valid ARN", async (t) => {
  const { arn, aws, registry, client } = await startLab(t)
  const foreign = aws.issue({ name: 'visitor', account: '210987654321' })
  const visitor = clientOf(t, { url: aws.url, credentials: foreign })
  const elsewhere = clientOf(t, aws, { region: 'us-east-1' })
  for (const stranger of [visitor, elsewhere]) {
    const invalid = { name: 'ValidationError', message: /is not a valid target group ARN/ }
    await t.rejects(
      stranger.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })),
      invalid,
    )
    await t.rejects(
      stranger.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [arn] })),
      invalid,
    )
    t.strictSame((await stranger.send(new DescribeTargetGroupsCommand({}))).TargetGroups, [])
  }
  const group = registry.createGroup({ name: 'web', account: '210987654321' })
  t.ok(await visitor.send(new DescribeTargetHealthCommand({ TargetGroupArn: group.arn })))
  await t.rejects(client.send(new DescribeTargetHealthCommand({ TargetGroupArn: group.arn })))
})

t.test('all Describe calls of an account in a Region share one bucket', async (t) => {
  const { arn, aws, time, client } = await startLab(t)
  const look = () => client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))
  const list = () => client.send(new DescribeTargetGroupsCommand({}))
  for (let round = 0; round < 20; round += 1) await Promise.all([look(), list()])
  const limited = {
    name: 'Throttling',
    message: 'Rate exceeded',
    $metadata: { httpStatusCode: 400 },
  }
  await t.rejects(look(), limited)
  await t.rejects(list(), limited)

  const target = { TargetGroupArn: arn, Targets: [{ Id: '10.0.1.7' }] }
  t.ok(await client.send(new DeregisterTargetsCommand(target)), 'changes are not Describe calls')
  const foreign = aws.issue({ name: 'visitor', account: '210987654321' })
  const visitor = clientOf(t, { url: aws.url, credentials: foreign })
  t.ok(await visitor.send(new DescribeTargetGroupsCommand({})), 'another account has its own')
  t.ok(
    await clientOf(t, aws, { region: 'us-east-1' }).send(new DescribeTargetGroupsCommand({})),
    'so has another Region',
  )

  time.ms += 99
  await t.rejects(look(), limited)
  time.ms += 1
  t.ok(await look())
  await t.rejects(look(), limited)
  t.equal(aws.calls.count({ code: 'Throttling' }), 4)
})

t.test('the log knows each call and what became of it', async (t) => {
  const { arn, aws, time, client } = await startLab(t)
  await client.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: arn, Targets: [{ Id: '10.0.1.7' }] }),
  )
  time.ms += 1_000
  await t.rejects(client.send(new DescribeTargetHealthCommand({ TargetGroupArn: 'web' })))
  const caller = 'arn:aws:iam::123456789012:user/lab'
  const action = 'DescribeTargetHealth'
  t.strictSame(aws.calls.list(), [
    { groupArn: arn, named: 1, atMs: 50_000, action, code: 'OK', caller },
    { groupArn: 'web', named: 0, atMs: 51_000, action, code: 'ValidationError', caller },
  ])
  t.strictSame(aws.calls.counters(), {
    'DescribeTargetHealth OK': 1,
    'DescribeTargetHealth ValidationError': 1,
  })
  aws.calls.clear()
  t.strictSame([aws.calls.list(), aws.calls.counters()], [[], {}])
})
