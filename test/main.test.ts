import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import manifest from '../package.json' with { type: 'json' }
import type { Report } from '../src/drain/account/report.ts'
import { run, startSidecar } from './support/sidecar.ts'

// Most of it is waiting.
t.jobs = 4

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'

const reportFrom = async (answer: Response) => (await answer.json()) as Report
const get = async (url: string) => reportFrom(await fetch(url))

/** Settings of a pod in front of an AWS that refuses every connection. */
const awsDown = {
  TARGET_GROUP_ARNS: arn,
  POD_IP: '10.0.1.7',
  FALLBACK_SECONDS: '5',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'the-secret-key',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
  AWS_EC2_METADATA_DISABLED: 'true',
  ASSUME_ROLE_ARN: 'arn:aws:iam::123456789012:role/reader',
  ASSUME_ROLE_EXTERNAL_ID: 'the-external-id',
}

t.test('--help and --version', async (t) => {
  const version = await run(['--version'])
  t.strictSame(version, { code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  const help = await run(['--help'])
  t.equal(help.code, 0)
  t.match(help.stdout, 'GRACE_PERIOD_SECONDS')
})

t.test('wrong settings: exit code 2, a line for each, no stack', async (t) => {
  const { code, stdout, stderr } = await run(['--target-group-arns', 'arn:aws:elb', '--nope'])
  t.equal(code, 2)
  t.equal(stdout, '')
  t.strictSame(stderr.trimEnd().split('\n'), [
    "'--nope' is not a flag: see --help",
    "TARGET_GROUP_ARNS: 'arn:aws:elb' is not a target group ARN (arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID)",
    "POD_IPS: '' is not an IP address (the downward API has it: fieldRef status.podIPs); outside a Kubernetes pod it has to be set",
  ])
})

t.test('an address that is taken: exit code 1 and a line that names it', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => taken.once('listening', resolve))
  t.teardown(() => taken.close())
  const address = taken.address()
  const port = typeof address === 'object' ? address?.port : 0
  const { code, stderr } = await run([], { ...awsDown, LISTEN_ADDRESS: `127.0.0.1:${port}` })
  t.equal(code, 1)
  t.equal(stderr, `LISTEN_ADDRESS: cannot listen on 127.0.0.1 port ${port}: EADDRINUSE\n`)
})

t.test(
  'AWS down: live and ready, the hook is held for the fallback time',
  { buffered: true },
  async (t) => {
    const { url, log, kill, ended } = await startSidecar(t, awsDown)
    t.equal((await fetch(`${url}/readyz`)).status, 200)
    t.strictSame(await get(`${url}/status`), { state: 'idle' })
    const [first, second] = await Promise.all([
      fetch(`${url}/prestop`),
      fetch(`${url}/prestop`, { method: 'POST' }),
    ])
    const report = await reportFrom(first)
    t.match(report, { outcome: 'fallback', because: /ECONNREFUSED/ })
    t.ok((report.heldSeconds ?? 0) >= 5)
    t.strictSame(await reportFrom(second), report)
    kill('SIGTERM')
    t.equal(await ended, 0)
    t.notMatch(log(), /the-secret-key|the-external-id/)
    const lines = log().trimEnd().split('\n')
    t.equal(lines.filter((line) => JSON.parse(line).outcome).length, 1, 'one closing line')
  },
)

t.test('wait: the same drain without a server', { buffered: true }, async (t) => {
  const { code, stdout, stderr } = await run(['wait', '--json'], awsDown)
  t.equal(code, 4)
  t.match(JSON.parse(stdout), { outcome: 'fallback', because: /ECONNREFUSED/ })
  t.match(stderr, /"outcome":"fallback"/)
})

t.test(
  'wait: ends when the drain has, whatever the SDK has under way',
  { buffered: true },
  async (t) => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    t.teardown(() => silent.close())
    const { port } = silent.address() as AddressInfo
    const token = join(t.testdir({ token: 'a token' }), 'token')
    const child = spawn(process.execPath, ['src/main.ts', 'wait', '--json'], {
      env: {
        ...awsDown,
        PATH: '',
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
        AWS_ACCESS_KEY_ID: '',
        AWS_WEB_IDENTITY_TOKEN_FILE: token,
        AWS_ROLE_ARN: 'arn:aws:iam::123456789012:role/reader',
        GRACE_PERIOD_SECONDS: '9',
      },
      cwd: join(import.meta.dirname, '..'),
    })
    const [told] = await once(child.stdout, 'data')
    const toldMs = Date.now()
    const [code] = await once(child, 'exit')
    t.equal(code, 4)
    t.match(JSON.parse(String(told)), { outcome: 'fallback' })
    t.ok(Date.now() - toldMs < 5_000, 'not as long as a question may take')
  },
)

t.test('SIGTERM while a hook is held: answered by its drain', { buffered: true }, async (t) => {
  const { url, kill, ended } = await startSidecar(t, awsDown)
  const held = get(`${url}/prestop`)
  while ((await get(`${url}/status`)).state === 'idle');
  kill('SIGTERM')
  kill('SIGTERM')
  const report = await held
  t.equal(report.outcome, 'fallback')
  t.ok((report.heldSeconds ?? 0) >= 5)
  t.equal(await ended, 0)
})

t.test('SIGTERM just before the hook: it is held all the same', { buffered: true }, async (t) => {
  const { url, log, kill, ended } = await startSidecar(t, awsDown)
  kill('SIGTERM')
  while (!log().includes('SIGTERM')) await fetch(`${url}/livez`)
  t.match(await get(`${url}/prestop`), { outcome: 'fallback' })
  t.equal(await ended, 0)
})

t.test('SIGTERM and no hook: ends by itself, with 0', { buffered: true }, async (t) => {
  const { kill, ended } = await startSidecar(t, awsDown)
  kill('SIGTERM')
  t.equal(await ended, 0)
})

t.test('SIGINT ends at once', async (t) => {
  const { url, kill, ended } = await startSidecar(t, awsDown)
  const held = fetch(`${url}/prestop`).catch(() => 'cut')
  while ((await get(`${url}/status`)).state === 'idle');
  kill('SIGINT')
  t.equal(await ended, 130)
  t.equal(await held, 'cut')
})

t.test('a lookout that cannot be one says in a line what it lacks', async (t) => {
  const outside = await run(['lookout'])
  t.equal(outside.stderr, 'not in a Kubernetes pod: KUBERNETES_SERVICE_HOST is not set\n')
  t.equal(outside.code, 1)
  const cluster = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT_HTTPS: '1' }
  const directory = t.testdir({ token: 'a.b.c', 'ca.crt': '' })
  const inside = { ...cluster, SERVICE_ACCOUNT_DIRECTORY: directory }
  const tokenless = await run(['lookout'], { ...inside, SERVICE_ACCOUNT_DIRECTORY: '/nowhere' })
  t.match(tokenless.stderr, /^no service account token in \/nowhere \(ENOENT\): set automount.*\n$/)
  const keyless = await run(['lookout'], { ...inside, LOOKOUT_TLS_DIRECTORY: directory })
  t.match(keyless.stderr, /^LOOKOUT_TLS_DIRECTORY: cannot use .*\/tls\.crt: ENOENT\n$/)
  const wrong = await run(['lookout', '--lookout-target-groups', 'web'], inside)
  t.match(wrong.stderr, /^LOOKOUT_TARGET_GROUPS: 'web' is not a target group ARN .*\n$/)
  t.equal(wrong.code, 2)
})
