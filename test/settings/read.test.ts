import t from 'tap'
import { helpText } from '../../src/settings/help.ts'
import { readCommandLine } from '../../src/settings/read.ts'
import { graceOf, podIpsOf, settings } from '../../src/settings/settings.ts'

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'
const environment = { TARGET_GROUP_ARNS: arn, POD_IP: '10.0.1.7' }

function settingsOf(args: string[], env: Record<string, string> = {}) {
  const read = readCommandLine(args, { ...environment, ...env })
  if (read.kind !== 'serve') throw new Error(JSON.stringify(read))
  return read.settings
}

function faultsOf(args: string[], env: Record<string, string> = {}) {
  const read = readCommandLine(args, { ...environment, ...env })
  return read.kind === 'wrong' ? read.faults : []
}

t.test('defaults', async (t) => {
  const read = settingsOf([])
  t.strictSame(
    { ...read, TARGET_GROUP_ARNS: read.TARGET_GROUP_ARNS.map(({ arn }) => arn) },
    {
      TARGET_GROUP_ARNS: [arn],
      POD_NAME: undefined,
      POD_NAMESPACE: undefined,
      POD_IPS: [],
      POD_IP: '10.0.1.7',
      LISTEN_ADDRESS: { host: '::', port: 8089 },
      GRACE_PERIOD_SECONDS: undefined,
      RESERVE_SECONDS: 5_000,
      FALLBACK_SECONDS: 30_000,
      SETTLE_SECONDS: undefined,
      RELEASE_WHEN: 'deregistered',
      IDLE_SECONDS: 5_000,
      IDLE_IGNORE_CIDRS: [],
      HOST_IP: undefined,
      RESTART_SECONDS: 15_000,
      API_CALLS_PER_SECOND: 5,
      ASSUME_ROLE_ARN: [],
      ASSUME_ROLE_EXTERNAL_ID: undefined,
      AWS_REGION: undefined,
      SERVICE_ACCOUNT_DIRECTORY: '/var/run/secrets/kubernetes.io/serviceaccount',
      TERMINATION_MESSAGE_PATH: '/dev/termination-log',
      LOOKOUT_URL: [],
      LOOKOUT_ELSE: 'nobody',
      LOOKOUT_TOKEN_PATH: '/var/run/secrets/draingate/token',
      LOOKOUT_CA_FILE: undefined,
      LOOKOUT_TARGET_GROUPS: [],
      LOOKOUT_TLS_DIRECTORY: undefined,
      LOG_LEVEL: 'info',
    },
  )
  t.strictSame(podIpsOf(read), ['10.0.1.7'])
})

t.test('a flag beats the environment, and both spellings of a flag work', async (t) => {
  const read = settingsOf(['serve', '--grace-period-seconds', '90', '--reserve-seconds=2.5'], {
    GRACE_PERIOD_SECONDS: '60',
    POD_IPS: '10.0.1.8, fd00::8',
  })
  t.equal(read.GRACE_PERIOD_SECONDS, 90_000)
  t.equal(read.RESERVE_SECONDS, 2_500)
  t.strictSame(podIpsOf(read), ['10.0.1.8', 'fd00::8'])
})

t.test('the grace period where nobody tells it', async (t) => {
  t.equal(graceOf(settingsOf([])), 30_000)
  t.equal(graceOf(settingsOf(['--reserve-seconds=29'])), 30_000)
  t.equal(graceOf(settingsOf(['--reserve-seconds=35'])), 65_000, 'a reserve has to fit into it')
  t.equal(graceOf(settingsOf(['--grace-period-seconds=40', '--reserve-seconds=35'])), 40_000)
})

t.test('the URLs of lookouts', async (t) => {
  const read = settingsOf([], { LOOKOUT_URL: 'http://lookout.ops.svc:8089, https://127.0.0.1' })
  t.strictSame(read.LOOKOUT_URL.map(String), ['http://lookout.ops.svc:8089/', 'https://127.0.0.1/'])
  for (const wrong of ['lookout:8089', 'http://lookout/v1', 'ftp://lookout', 'http://a@lookout']) {
    t.match(faultsOf([], { LOOKOUT_URL: wrong }), [/^LOOKOUT_URL: .* is not the URL of a lookout/])
  }
  const told = readCommandLine([], { LOOKOUT_URL: 'http://lookout:8089' })
  t.equal(told.kind, 'serve', 'it tells what is not set')
})

t.test('several groups, Regions and accounts', async (t) => {
  const other = arn.replace('eu-west-1', 'us-gov-west-1').replace('arn:aws:', 'arn:aws-us-gov:')
  const read = settingsOf([], { TARGET_GROUP_ARNS: ` ${arn},${other}, ` })
  t.match(read.TARGET_GROUP_ARNS, [{ region: 'eu-west-1' }, { region: 'us-gov-west-1' }])
})

t.test('every fault has a line of its own, and none shows a secret', async (t) => {
  const faults = faultsOf(['wait', '--nope', '--pod-ip', '10.0.1', '--log-level=loud'], {
    TARGET_GROUP_ARNS: `${arn},arn:aws:elb`,
    SETTLE_SECONDS: '-1',
    LISTEN_ADDRESS: '8089',
    AWS_REGION: 'Ireland',
    ASSUME_ROLE_ARN: 'arn:aws:iam::1:role/x',
    ASSUME_ROLE_EXTERNAL_ID: 'x',
    FALLBACK_SECONDS: '1e3\nsecond line',
  })
  t.strictSame(faults, [
    "'--nope' is not a flag: see --help",
    `TARGET_GROUP_ARNS: 'arn:aws:elb' is not ${settings.TARGET_GROUP_ARNS.expected}`,
    `POD_IP: '10.0.1' is not ${settings.POD_IP.expected}`,
    `LISTEN_ADDRESS: '8089' is not ${settings.LISTEN_ADDRESS.expected}`,
    `FALLBACK_SECONDS: '1e3 second line' is not ${settings.FALLBACK_SECONDS.expected}`,
    `SETTLE_SECONDS: '-1' is not ${settings.SETTLE_SECONDS.expected}`,
    `ASSUME_ROLE_ARN: 'arn:aws:iam::1:role/x' is not ${settings.ASSUME_ROLE_ARN.expected}`,
    `ASSUME_ROLE_EXTERNAL_ID: its value is not ${settings.ASSUME_ROLE_EXTERNAL_ID.expected}`,
    `AWS_REGION: 'Ireland' is not ${settings.AWS_REGION.expected}`,
    `LOG_LEVEL: 'loud' is not ${settings.LOG_LEVEL.expected}`,
  ])
})

t.test('what is missing, and what contradicts', async (t) => {
  const role = 'arn:aws:iam::999999999999:role/reader'
  t.strictSame(faultsOf([], { TARGET_GROUP_ARNS: '', POD_IP: '' }), [
    `TARGET_GROUP_ARNS: '' is not ${settings.TARGET_GROUP_ARNS.expected}; outside a Kubernetes pod it has to be set`,
    `POD_IPS: '' is not ${settings.POD_IPS.expected}; outside a Kubernetes pod it has to be set`,
  ])
  const inPod = { TARGET_GROUP_ARNS: '', POD_IP: '', KUBERNETES_SERVICE_HOST: '10.96.0.1' }
  t.strictSame(faultsOf([], inPod), [])
  const grace = ['--grace-period-seconds', '30']
  t.strictSame(faultsOf(['--reserve-seconds', '30', ...grace, '--assume-role-arn', role]), [
    "RESERVE_SECONDS: '30' is not less than GRACE_PERIOD_SECONDS (30)",
    `ASSUME_ROLE_ARN: '${role}' is not a role of an account of TARGET_GROUP_ARNS`,
  ])
  t.strictSame(faultsOf(['--grace-period-seconds']), [
    '--grace-period-seconds: its value is missing',
  ])
  t.strictSame(faultsOf(['--json']), ['--json goes with wait, doctor and drains'])
  t.strictSame(faultsOf(['wait', '--json=false']), ['--json takes no value'])
  t.strictSame(faultsOf(['--constructor', '--toString=x']), [
    "'--constructor' is not a flag: see --help",
    "'--toString' is not a flag: see --help",
  ])
  t.strictSame(faultsOf(['serve', 'now']), ["'now' is one word too many"])
})

t.test('wait takes the same settings', async (t) => {
  const print = (...args: string[]) => readCommandLine(args, environment)
  t.match(print('wait'), { kind: 'wait', print: 'text', settings: { POD_IP: '10.0.1.7' } })
  t.match(print('wait', '--json', '--pod-ip', '10.0.1.9'), {
    kind: 'wait',
    print: 'json',
    settings: { POD_IP: '10.0.1.9' },
  })
})

t.test('--help and --version win over wrong settings', async (t) => {
  t.equal(readCommandLine(['--help', '--nope'], {}).kind, 'help')
  t.equal(readCommandLine(['-h'], {}).kind, 'help')
  t.equal(readCommandLine(['--version'], {}).kind, 'version')
  for (const name of Object.keys(settings)) t.match(helpText(), name)
})

t.test('no name collides with the variables of a Service', async (t) => {
  for (const name of Object.keys(settings)) t.notMatch(name, /_(PORT|HOST|ADDR)$/)
})

t.test('Regions of every partition', async (t) => {
  const { region } = await import('../../src/settings/kinds.ts')
  for (const name of ['eu-west-1', 'us-gov-west-1', 'eusc-de-east-1', 'us-iso-east-1'])
    t.equal(region.read(name), name)
  t.equal(region.read('Europe'), undefined)
})

t.test('where the command is wrong, or needs no settings, only that is said', async (t) => {
  t.match(readCommandLine(['doctor', '--all'], {}), { kind: 'doctor', of: { kind: 'all' } })
  t.match(readCommandLine(['doctor', '--pod', 'shop/web-1'], {}), {
    of: { kind: 'pod', namespace: 'shop', name: 'web-1' },
  })
  t.strictSame(faultsOf(['--all']), ['--all goes with doctor'])
  t.strictSame(faultsOf(['doctor', '--all', '--pod', 'a/b']), [
    '--all and --pod do not go together',
  ])
  for (const args of [['frob'], ['doctor', '--frob'], ['doctor', '--pod', 'web']]) {
    const read = readCommandLine(args, {})
    t.match(read, { kind: 'wrong', faults: { length: 1 } }, args.join(' '))
  }
  t.match(readCommandLine(['wait', '--frob'], {}), { faults: { length: 3 } }, 'else all at once')
})
