import { join } from 'node:path'
import t from 'tap'
import { said } from '../e2e/pod-scene.ts'
import { startSidecar } from '../support/sidecar.ts'

const outside = {
  TARGET_GROUP_ARNS:
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef',
  POD_IP: '10.0.1.7',
  AWS_EC2_METADATA_DISABLED: 'true',
}

t.test('without AWS credentials: said at the start, before any hook', async (t) => {
  const sidecar = await startSidecar(t, { ...outside, HOME: t.testdir({}) })
  await said(sidecar, '"about":"credentials"')
  t.match(
    sidecar.log(),
    /no AWS credentials: give the pod's service account a role, by IRSA or Pod/,
  )
})

t.test('a token that is named and not there', async (t) => {
  const AWS_WEB_IDENTITY_TOKEN_FILE = join(t.testdir({}), 'token')
  const AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/web'
  const irsa = { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN, HOME: t.testdirName }
  const sidecar = await startSidecar(t, { ...outside, ...irsa })
  await said(sidecar, `no AWS credentials: cannot read ${AWS_WEB_IDENTITY_TOKEN_FILE}`)
})

t.test('with some: nothing to say', async (t) => {
  const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'the-secret-key' }
  const sidecar = await startSidecar(t, { ...outside, ...keys })
  await said(sidecar, 'the cluster is not asked')
  t.notMatch(sidecar.log(), /credentials/)
})
