import { join } from 'node:path'
import t from 'tap'
import { missingCredentials } from '../../src/aws/credentials.ts'

const off = { AWS_EC2_METADATA_DISABLED: 'true' }

t.test('none, and the instance metadata is turned off', async (t) => {
  const HOME = t.testdir({})
  const said = missingCredentials({ HOME, ...off })
  t.match(said, /^no AWS credentials: give the pod's service account a role, by IRSA or Pod Ident/)
  t.match(said, /AWS_EC2_METADATA_DISABLED/)
  t.equal(missingCredentials({ HOME }), undefined, "the node's role may be there")
  t.equal(missingCredentials({ HOME, AWS_EC2_METADATA_DISABLED: 'false' }), undefined)
  t.equal(missingCredentials({ HOME, AWS_EC2_METADATA_DISABLED: '' }), undefined)
})

t.test('whatever may give some', async (t) => {
  const HOME = t.testdir({ token: 'jwt', other: 'x', empty: '' })
  const token = join(HOME, 'token')
  const some: Record<string, string>[] = [
    { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' },
    { AWS_PROFILE: 'web' },
    { AWS_SHARED_CREDENTIALS_FILE: join(HOME, 'other') },
    { AWS_CONFIG_FILE: join(HOME, 'other') },
    { AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/web' },
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/get-credentials' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials' },
    {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: token,
    },
  ]
  for (const environment of some) {
    t.equal(missingCredentials({ HOME, ...off, ...environment }), undefined)
  }
  const halves: Record<string, string>[] = [
    { AWS_ACCESS_KEY_ID: 'AKIA' },
    { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' },
    { AWS_SHARED_CREDENTIALS_FILE: join(HOME, 'none') },
    { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: join(HOME, 'empty') },
    { AWS_WEB_IDENTITY_TOKEN_FILE: token },
    { AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/web' },
  ]
  for (const environment of halves) {
    t.type(missingCredentials({ HOME, ...off, ...environment }), 'string')
  }
})

t.test('the files of a home', async (t) => {
  for (const name of ['credentials', 'config']) {
    const HOME = t.testdir({ '.aws': { [name]: '[default]' } })
    t.equal(missingCredentials({ HOME, ...off }), undefined, name)
  }
})

t.test('a token that is named, and is not there', async (t) => {
  const HOME = t.testdir({})
  const none = join(HOME, 'token')
  const irsa = { AWS_WEB_IDENTITY_TOKEN_FILE: none, AWS_ROLE_ARN: 'arn:aws:iam::1:role/web' }
  const podIdentity = {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: none,
  }
  for (const environment of [irsa, podIdentity]) {
    const said = `no AWS credentials: cannot read ${none}`
    t.match(missingCredentials({ HOME, ...environment }), said, 'whatever else there is')
  }
  const keys = { AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'secret' }
  t.equal(missingCredentials({ HOME, ...irsa, ...keys }), undefined, 'the SDK takes these first')
})
