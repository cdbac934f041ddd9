import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import t from 'tap'
import { faultyResult } from '../../../lab/elbv2/faulty.ts'
import { answerXml } from '../../../lab/elbv2/xml.ts'
import { type Cleanup, clientOf, startLab } from './support.ts'

async function setUp(t: Cleanup) {
  const lab = await startLab(t)
  const look = (abortSignal = new AbortController().signal) =>
    lab.client.send(new DescribeTargetHealthCommand({ TargetGroupArn: lab.arn }), { abortSignal })
  return { ...lab, look }
}

t.test('errors in the words of AWS', async (t) => {
  const { aws, look } = await setUp(t)
  const refusals = [
    ['throttle', 'Throttling', 400, 'Rate exceeded'],
    ['internal-failure', 'InternalFailure', 500, /internal error/],
    ['health-unavailable', 'HealthUnavailableException', 500, /could not be retrieved/],
    ['expired', 'ExpiredToken', 403, /token included in the request is expired/],
    [
      'denied',
      'AccessDenied',
      403,
      'User: arn:aws:iam::123456789012:user/lab is not authorized to perform: ' +
        'elasticloadbalancing:DescribeTargetHealth because no identity-based policy allows the ' +
        'elasticloadbalancing:DescribeTargetHealth action',
    ],
  ] as const
  for (const [kind, name, httpStatusCode, message] of refusals) {
    aws.faults.add({ kind, times: 1 })
    await t.rejects(look(), { name, message, $metadata: { httpStatusCode } }, kind)
    t.match(aws.calls.list().at(-1), { fault: kind, code: name.replace('Exception', '') })
    t.ok(await look(), 'once only')
  }
})

t.test('well-formed answers that say something else', async (t) => {
  const { aws, look } = await setUp(t)
  const answer = async () => (await look()).TargetHealthDescriptions
  aws.faults.add({ kind: 'empty-list', times: 1 })
  t.strictSame(await answer(), [])
  aws.faults.add({ kind: 'missing-list', times: 1 })
  t.equal(await answer(), undefined)
  aws.faults.add({ kind: 'other-pod', times: 1 })
  t.match(await answer(), [{ Target: { Id: '10.250.0.8' }, TargetHealth: { State: 'healthy' } }])
  t.equal(aws.calls.count({ code: 'OK' }), 3)
})

t.test('ten megabytes before the right entry', async (t) => {
  const { aws, look } = await setUp(t)
  aws.faults.add({ kind: 'huge', times: 1 })
  const found = (await look()).TargetHealthDescriptions ?? []
  t.match(found.at(-1), { Target: { Id: '10.0.1.7' } })
  const ids = found.map(({ Target }) => Target?.Id)
  t.equal(new Set(ids).size, found.length)

  const result = faultyResult({ kind: 'huge' }, { TargetHealthDescriptions: [] })
  const bytes = answerXml('DescribeTargetHealth', '', result, '').length
  t.ok(bytes > 10_000_000 && bytes < 12_000_000, `${bytes} bytes`)
})

t.test('answers that are none: the SDK fails, or worse, does not', async (t) => {
  const { aws, look } = await setUp(t)
  aws.faults.add({ kind: 'empty-body', times: 1 })
  t.equal((await look()).TargetHealthDescriptions, undefined, 'no error at all')
  aws.faults.add({ kind: 'truncated', times: 1 })
  await t.rejects(look())
  aws.faults.add({ kind: 'garbage', times: 1 })
  await t.rejects(look())
  aws.faults.add({ kind: 'reset', times: 1 })
  await t.rejects(look())
  t.ok(await look())
})

t.test('a hang lasts until somebody gives up', async (t) => {
  for (const kind of ['hang', 'hang-in-body'] as const) {
    const { aws, look } = await setUp(t)
    aws.faults.add({ kind, times: 1 })
    await t.rejects(look(AbortSignal.timeout(50)), kind)
    t.ok(await look(), 'others are answered')
  }
})

t.test('close ends what hangs', async (t) => {
  const { aws, look } = await setUp(t)
  aws.faults.add({ kind: 'hang', times: 1 })
  aws.faults.add({ kind: 'hang-in-body', times: 1 })
  aws.faults.add({ kind: 'slow', delayMs: 600_000 })
  const looks = Promise.allSettled([look(), look(), look()])
  while (aws.calls.count() < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  await aws.close()
  t.strictSame(
    (await looks).map(({ status }) => status),
    ['rejected', 'rejected', 'rejected'],
  )
})

t.test('a slow answer is right, about the moment when it was asked for', async (t) => {
  const { aws, registry, arn, look } = await setUp(t)
  aws.faults.add({ kind: 'slow', delayMs: 60, times: 1 })
  const startMs = performance.now()
  const pending = look()
  while (aws.calls.count() === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  registry.report(arn, { id: '10.0.1.7' }, 'unhealthy')
  t.match((await pending).TargetHealthDescriptions, [{ TargetHealth: { State: 'healthy' } }])
  t.ok(performance.now() - startMs >= 55)
})

t.test("a fault can be one group's, one action's, or last until an instant", async (t) => {
  const { aws, registry, arn, client, time, look } = await setUp(t)
  const other = registry.createGroup({ name: 'other' })
  aws.faults.add({ kind: 'throttle', groupArn: arn, untilMs: time.ms + 1_000 })
  aws.faults.add({ kind: 'denied', action: 'DescribeTargetGroups' })
  t.ok(await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: other.arn })))
  await t.rejects(client.send(new DescribeTargetGroupsCommand({})), { name: 'AccessDenied' })
  time.ms += 999
  await t.rejects(look(), { name: 'Throttling' })
  time.ms += 1
  t.ok(await look())
})

t.test("the SDK's own retries get past a short fault", async (t) => {
  const { aws, arn } = await setUp(t)
  const patient = clientOf(t, aws, { maxAttempts: 3 })
  aws.faults.add({ kind: 'reset', times: 1 })
  aws.faults.add({ kind: 'internal-failure', times: 1 })
  t.ok(await patient.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })))
  t.equal(aws.calls.count(), 3)
})
