import {
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import t from 'tap'
import { clientOf, startLab } from '../elbv2/support.ts'

const hour = 3_600_000

t.test('only a key of the lab, with its secret, is let in', async (t) => {
  const { aws, arn } = await startLab(t)
  const look = (credentials: {
    accessKeyId: string
    secretAccessKey: string
    sessionToken?: string
  }) =>
    clientOf(t, { url: aws.url, credentials }).send(
      new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
    )
  const { accessKeyId, secretAccessKey } = aws.credentials
  const refusal = (name: string) => ({ name, $metadata: { httpStatusCode: 403 } })
  t.ok(await look(aws.credentials))
  await t.rejects(look({ accessKeyId, secretAccessKey: 'wrong' }), refusal('SignatureDoesNotMatch'))
  await t.rejects(
    look({ accessKeyId: 'AKIAUNKNOWN', secretAccessKey }),
    refusal('InvalidClientTokenId'),
  )
  await t.rejects(
    look({ accessKeyId, secretAccessKey, sessionToken: 'none of it' }),
    refusal('InvalidClientTokenId'),
  )
  t.equal(aws.calls.list().at(-1)?.caller, undefined)
})

t.test('a request without a signature, or with half of one, is refused', async (t) => {
  const { aws } = await startLab(t)
  const ask = async (headers: Record<string, string>) => {
    const body = new URLSearchParams({ Action: 'DescribeTargetGroups', Version: '2015-12-01' })
    const response = await fetch(aws.url, { method: 'POST', body, headers })
    return [response.status, /<Code>(\w+)/.exec(await response.text())?.[1]]
  }
  t.strictSame(await ask({}), [403, 'MissingAuthenticationToken'])
  t.strictSame(await ask({ authorization: 'Bearer abc' }), [400, 'IncompleteSignature'])
  const unsignedHost =
    `AWS4-HMAC-SHA256 Credential=${aws.credentials.accessKeyId}/20260101/eu-west-1/` +
    `elasticloadbalancing/aws4_request, SignedHeaders=x-amz-date, Signature=${'0'.repeat(64)}`
  t.strictSame(await ask({ authorization: unsignedHost }), [400, 'IncompleteSignature'])
})

t.test('a body beyond all measure is cut off', async (t) => {
  const { aws } = await startLab(t)
  await t.rejects(fetch(aws.url, { method: 'POST', body: 'x'.repeat(2_000_000) }))
  t.equal(aws.calls.count(), 0)
})

t.test('a signature covers the body', async (t) => {
  const { aws, arn, registry } = await startLab(t)
  const client = clientOf(t, aws)
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { body: string }
      request.body = request.body.replace('10.0.1.9', '10.0.1.8')
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low', name: 'tamper' },
  )
  await t.rejects(
    client.send(new RegisterTargetsCommand({ TargetGroupArn: arn, Targets: [{ Id: '10.0.1.9' }] })),
    { name: 'SignatureDoesNotMatch' },
  )
  t.equal(registry.describe(arn).length, 1)
})

t.test('a signature for one service is no good for the other', async (t) => {
  const { aws, arn } = await startLab(t)
  const client = clientOf(t, aws)
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> }
      const { authorization = '' } = request.headers
      request.headers.authorization = authorization.replace('/elasticloadbalancing/', '/sts/')
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low', name: 'rescope' },
  )
  await t.rejects(client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn })), {
    name: 'SignatureDoesNotMatch',
    message: /correct service/,
  })
})

t.test('a clock that is wrong by up to five minutes does', async (t) => {
  const { aws, arn } = await startLab(t, { wallNow: Date.now })
  const look = (maxAttempts: number) =>
    clientOf(t, aws, { maxAttempts }).send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))
  for (const skewMs of [-4.5 * 60_000, 4.5 * 60_000]) {
    aws.clock.skewMs = skewMs
    t.ok(await look(1))
  }
  const wrong = [
    [-hour, /^Signature not yet current/],
    [hour, /^Signature expired/],
  ] as const
  for (const [skewMs, message] of wrong) {
    aws.clock.skewMs = skewMs
    const refusal = { name: 'SignatureDoesNotMatch', message, $metadata: { httpStatusCode: 403 } }
    await t.rejects(look(1), refusal)
    aws.calls.clear()
    t.ok(await look(3), 'the SDK corrects itself by the Date header')
    t.equal(aws.calls.count(), 2)
  }
})

t.test('STS has the same clock and the same keys', async (t) => {
  const { aws } = await startLab(t, { skewMs: hour })
  const { url: endpoint, credentials } = aws
  const sts = new STSClient({ endpoint, credentials, region: 'eu-west-1' })
  t.teardown(() => sts.destroy())
  t.match(await sts.send(new GetCallerIdentityCommand({})), {
    Account: '123456789012',
    Arn: 'arn:aws:iam::123456789012:user/lab',
    UserId: /^AIDA/,
  })
})
