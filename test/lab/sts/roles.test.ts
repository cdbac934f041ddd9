import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  STSClient,
} from '@aws-sdk/client-sts'
import {
  fromNodeProviderChain,
  fromTemporaryCredentials,
  fromTokenFile,
} from '@aws-sdk/credential-providers'
import t from 'tap'
import type { Aws, Environment } from '../../../lab/elbv2/aws.ts'
import { type Cleanup, clientOf, startLab } from '../elbv2/support.ts'

/** Makes this process what a child with that environment would be, until the test ends. */
function enter(t: Cleanup, environment: Environment) {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name]
  Object.assign(process.env, environment)
  t.teardown(() => {
    for (const name of Object.keys(environment)) delete process.env[name]
  })
}

function stsOf(t: Cleanup, { url, credentials }: Aws) {
  const sts = new STSClient({ endpoint: url, credentials, region: 'eu-west-1', maxAttempts: 1 })
  t.teardown(() => sts.destroy())
  return sts
}

const session = { RoleSessionName: 'draingate' }

t.test('a role is assumed with its external id only', async (t) => {
  const { aws } = await startLab(t)
  const role = aws.roles.add({ name: 'reader', externalId: 'blue' })
  const sts = stsOf(t, aws)
  const assume = (input: object) =>
    sts.send(new AssumeRoleCommand({ ...session, RoleArn: role.arn, ...input }))
  const refusal = {
    name: 'AccessDenied',
    message:
      /^User: arn:aws:iam::123456789012:user\/lab is not authorized to perform: sts:AssumeRole/,
    $metadata: { httpStatusCode: 403 },
  }
  await t.rejects(assume({}), refusal)
  await t.rejects(assume({ ExternalId: 'red' }), refusal)
  await t.rejects(assume({ ExternalId: 'blue', RoleArn: `${role.arn}s` }), refusal)
  await t.rejects(assume({ ExternalId: 'blue', DurationSeconds: 899 }), { name: 'ValidationError' })
  await t.rejects(assume({ ExternalId: 'blue', RoleSessionName: '?' }), { name: 'ValidationError' })
  t.match(await assume({ ExternalId: 'blue' }), {
    AssumedRoleUser: { Arn: 'arn:aws:sts::123456789012:assumed-role/reader/draingate' },
    Credentials: { AccessKeyId: /^ASIA/, Expiration: Date },
  })
})

t.test('temporary credentials need their token and end on time', async (t) => {
  const wall = { ms: Date.now() }
  const { aws, arn } = await startLab(t, { wallNow: () => wall.ms })
  const { Credentials } = await stsOf(t, aws).send(
    new AssumeRoleCommand({
      ...session,
      RoleArn: aws.roles.add({ name: 'reader' }).arn,
      DurationSeconds: 900,
    }),
  )
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  const look = (sessionToken?: string) => {
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey }
    const whole = sessionToken === undefined ? credentials : { ...credentials, sessionToken }
    return clientOf(t, { url: aws.url, credentials: whole }, { maxAttempts: 2 }).send(
      new DescribeTargetHealthCommand({ TargetGroupArn: arn }),
    )
  }
  t.equal(Credentials?.Expiration?.getTime(), wall.ms + 900_000)
  t.ok(await look(SessionToken))
  t.match(aws.calls.list().at(-1), { caller: /assumed-role\/reader\/draingate$/ })
  await t.rejects(look(), { name: 'InvalidClientTokenId' })
  await t.rejects(look('another'), { name: 'InvalidClientTokenId' })
  wall.ms += 899_999
  t.ok(await look(SessionToken))
  wall.ms += 1
  await t.rejects(look(SessionToken), {
    name: 'ExpiredToken',
    $metadata: { httpStatusCode: 403 },
  })
})

t.test('a web identity is a role and one of its tokens', async (t) => {
  const { aws } = await startLab(t)
  const role = aws.roles.add({ name: 'pod', webIdentityTokens: ['the token'] })
  const anonymous = new STSClient({ endpoint: aws.url, region: 'eu-west-1', maxAttempts: 1 })
  t.teardown(() => anonymous.destroy())
  const assume = (WebIdentityToken: string, RoleArn = role.arn) =>
    anonymous.send(new AssumeRoleWithWebIdentityCommand({ ...session, RoleArn, WebIdentityToken }))
  t.match(await assume('the token'), {
    Credentials: { AccessKeyId: /^ASIA/ },
    Audience: 'sts.amazonaws.com',
  })
  await t.rejects(assume('another'), { name: 'InvalidIdentityTokenException' })
  await t.rejects(assume('the token', `${role.arn}s`), {
    name: 'AccessDenied',
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  })
  aws.faults.add({ kind: 'denied', action: 'AssumeRoleWithWebIdentity' })
  await t.rejects(assume('the token'), {
    name: 'AccessDenied',
    message: 'Not authorized to perform sts:AssumeRoleWithWebIdentity',
  })
})

// These share the process's environment, so they run one after the other.
t.test("the SDK's own credential chains", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'draingate-'))
  const tokenFile = join(folder, 'token')
  await writeFile(tokenFile, 'the token')
  t.teardown(() => rm(folder, { recursive: true }))

  const look = async (arn: string, options = {}) => {
    const client = new ElasticLoadBalancingV2Client(options)
    const answer = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn: arn }))
    client.destroy()
    return answer.TargetHealthDescriptions?.length
  }

  await t.test('keys of the environment', async (t) => {
    const { aws, arn } = await startLab(t)
    enter(t, aws.environment)
    t.equal(await look(arn), 1, 'nothing but the environment')
    t.equal(await look(arn, { credentials: fromNodeProviderChain() }), 1)
    t.equal(aws.calls.list().at(-1)?.caller, 'arn:aws:iam::123456789012:user/lab')
  })

  await t.test("a service account's role", async (t) => {
    const { aws, arn } = await startLab(t)
    const role = aws.roles.add({ name: 'pod', webIdentityTokens: ['the token'] })
    enter(t, aws.webIdentityEnvironment({ roleArn: role.arn, tokenFile }))
    t.equal(await look(arn), 1, 'nothing but the environment')
    t.equal(await look(arn, { credentials: fromNodeProviderChain() }), 1)
    t.equal(await look(arn, { credentials: fromTokenFile() }), 1)
    t.match(aws.calls.list().at(-1)?.caller, /:assumed-role\/pod\//)
    t.equal(aws.calls.count({ action: 'AssumeRoleWithWebIdentity', code: 'OK' }), 3)
    role.webIdentityTokens.clear()
    await t.rejects(look(arn))
  })

  await t.test("another account's role on top of it", async (t) => {
    const { aws, registry } = await startLab(t)
    const pod = aws.roles.add({ name: 'pod', webIdentityTokens: ['the token'] })
    const account = '210987654321'
    const reader = aws.roles.add({ name: 'reader', account, externalId: 'blue' })
    const { arn } = registry.createGroup({ name: 'theirs', account })
    enter(t, aws.webIdentityEnvironment({ roleArn: pod.arn, tokenFile }))
    const credentials = (ExternalId: string) =>
      fromTemporaryCredentials({ params: { ...session, RoleArn: reader.arn, ExternalId } })

    t.equal(await look(arn, { credentials: credentials('blue') }), 0)
    t.strictSame(
      aws.calls.list().map(({ action, caller }) => [action, caller?.replace(/aws-sdk-.*/, '')]),
      [
        ['AssumeRoleWithWebIdentity', undefined],
        ['AssumeRole', 'arn:aws:sts::123456789012:assumed-role/pod/'],
        ['DescribeTargetHealth', `arn:aws:sts::${account}:assumed-role/reader/draingate`],
      ],
    )
    await t.rejects(look(arn, { credentials: credentials('red') }), { name: 'AccessDenied' })
    await t.rejects(look(arn), { name: 'ValidationError' }, "the pod's own role cannot see it")

    const sts = new STSClient({ credentials: credentials('blue') })
    t.match(await sts.send(new GetCallerIdentityCommand({})), { Account: account })
    sts.destroy()
  })
})
