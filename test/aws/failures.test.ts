import t from 'tap'
import { failureOf, isCredentialsFault } from '../../src/aws/failures.ts'

function awsError(name: string, status: number, message = '', rest: object = {}) {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status }, ...rest })
}

const reader = 'arn:aws:sts::123456789012:assumed-role/reader/session'
const notAuthorized = `User: ${reader} is not authorized to perform: elasticloadbalancing:DescribeTargetHealth because no identity-based policy allows it`
const mayNotAssume = `User: ${reader} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::999999999999:role/other`

const wrongExternalId =
  "1 validation error detected: Value 'so secret!' at 'externalId' failed to satisfy constraint"

const rows: [error: unknown, kind: string, said: RegExp][] = [
  [awsError('Throttling', 400, 'Rate exceeded'), 'throttled', /throttled by AWS/],
  [awsError('ThrottlingException', 400), 'throttled', /throttled/],
  [awsError('RequestLimitExceeded', 503), 'throttled', /throttled/],
  [awsError('', 429), 'throttled', /throttled/],
  [awsError('TargetGroupNotFoundException', 400), 'gone', /does not exist/],
  [
    awsError('AccessDenied', 403, notAuthorized),
    'denied',
    /^DescribeTargetHealth denied: allow elasticloadbalancing:DescribeTargetHealth for arn:aws:sts::123456789012:assumed-role\/reader\/session$/,
  ],
  [
    awsError('AccessDenied', 403, mayNotAssume),
    'denied',
    /^sts:AssumeRole denied: let arn:aws:iam::999999999999:role\/other trust .*reader.*ASSUME_ROLE_EXTERNAL_ID$/,
  ],
  [
    awsError('AccessDenied', 403),
    'denied',
    /allow elasticloadbalancing:DescribeTargetHealth for the pod's role/,
  ],
  [awsError('ExpiredTokenException', 403), 'denied', /not valid any more/],
  [awsError('InvalidClientTokenId', 403), 'denied', /not valid any more/],
  [awsError('CredentialsProviderError', 0, 'Could not load'), 'denied', /IRSA or Pod Identity/],
  [awsError('InvalidIdentityToken', 400), 'denied', /IRSA/],
  [
    Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT', path: '/var/run/token' }),
    'denied',
    /^no AWS credentials: cannot read \/var\/run\/token,/,
  ],
  [awsError('HealthUnavailableException', 500), 'unreachable', /answered 500/],
  [awsError('InternalFailure', 503), 'unreachable', /503/],
  [awsError('TimeoutError', 0, 'nothing within 10 s'), 'unreachable', /nothing within 10 s/],
  [
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
    'unreachable',
    /ECONNREFUSED/,
  ],
  [
    Object.assign(new Error('getaddrinfo ENOTFOUND nowhere'), { code: 'ENOTFOUND' }),
    'unreachable',
    /ENOTFOUND nowhere/,
  ],
  [
    awsError('ValidationError', 400, wrongExternalId),
    'malformed',
    /^((?!so secret).)*ASSUME_ROLE_EXTERNAL_ID$/,
  ],
  [awsError('RequestExpired', 400), 'denied', /clock/],
  [awsError('InvalidTargetException', 400, 'no\nsuch  target'), 'malformed', /no such target$/],
  [awsError('ValidationError', 400, 'x'.repeat(500)), 'malformed', /x…$/],
  [new SyntaxError('not XML'), 'malformed', /not XML/],
  [undefined, 'malformed', /DescribeTargetHealth/],
  ['a string', 'malformed', /DescribeTargetHealth/],
]

for (const [error, kind, said] of rows) {
  t.test(`${error instanceof Error ? error.name : error} is ${kind}`, async (t) => {
    const failure = failureOf(error, 'DescribeTargetHealth')
    t.equal(failure.kind, kind)
    t.match(failure.said, said)
    t.notMatch(failure.said, /\n/)
    t.ok(failure.said.length < 400)
  })
}

t.test(
  'a signature that does not match is not quoted: AWS repeats the session token',
  async (t) => {
    const message = 'The Canonical String should have been x-amz-security-token:THE-TOKEN'
    const failure = failureOf(
      awsError('SignatureDoesNotMatch', 403, message),
      'DescribeTargetHealth',
    )
    t.equal(failure.kind, 'denied')
    t.notMatch(failure.said, /THE-TOKEN/)
  },
)

t.test('only refused credentials are worth new ones', async (t) => {
  t.equal(isCredentialsFault(awsError('ExpiredToken', 403)), true)
  t.equal(isCredentialsFault(awsError('AccessDenied', 403)), false)
  t.equal(isCredentialsFault(undefined), false)
})
