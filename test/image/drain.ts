// Rolls a Deployment over whose sidecar is the image, beside an app in a container of its own. The
// load balancer, AWS, the kubelet and the Kubernetes API are the lab's. Run by build-and-run.sh in a
// network namespace of their own:
// node drain.ts IMAGE CONTAINER-NAME RUN-OPTIONS PODMAN [OPTION...]
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Cluster, createCluster } from '../../lab/cluster.ts'
import { type Aws, startAws } from '../../lab/elbv2/aws.ts'
import type { ContainerSpec, LogLine, Place, PodSpec } from '../../lab/kubelet/spec.ts'
import { startLoad, succeeded } from '../../lab/load/load.ts'
import type { Row } from '../../src/doctor/row.ts'
import { clock } from '../../src/time/clock.ts'

const [image = '', prefix = '', hardened = '', podman = '', ...options] = process.argv.slice(2)
const [appPort, hookPort] = [8080, 8089]
const lines: LogLine[] = []
const say = (text: string) => process.stdout.write(`${text}\n`)

const sidecarVariables = [
  ...['POD_NAME', 'POD_NAMESPACE', 'POD_IPS', 'HOST_IP', 'LISTEN_ADDRESS'],
  ...['KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT', 'SETTLE_SECONDS', 'RESERVE_SECONDS'],
]
/** What the kubelet mounts, where it mounts it. */
const mounts = [
  '--volume "$SERVICE_ACCOUNT_DIRECTORY:/var/run/secrets/kubernetes.io/serviceaccount:ro"',
  '--volume "$TERMINATION_MESSAGE_PATH:/dev/termination-log"',
]

const cluster = await createCluster(
  {
    ...{ name: 'web', replicas: 2, port: appPort, deadlineMs: 90_000 },
    lagMs: () => 1_000,
    propagationMs: () => 2_000,
    group: { deregistrationDelayMs: 8_000 },
    healthCheck: { path: '/', intervalMs: 500 },
    kubernetes: { namespace: 'shop', gates: 'injected', wallMs: Date.now },
    log: (line) => lines.push(line),
  },
  clock,
)
const aws = await startAws({ registry: cluster.registry, now: clock.now })
try {
  await play(cluster, aws)
} catch (error) {
  for (const { pod, container, text } of lines) say(`${pod} ${container}: ${text}`)
  throw error
} finally {
  await cluster.close()
  await aws.close()
}

async function play(cluster: Cluster, aws: Aws): Promise<void> {
  const spec = podOf(aws)
  await cluster.deploy(spec)
  say(`ok: doctor: ${await doctor('web-1-0')}`)

  const load = startLoad({ url: cluster.url, perSecond: 30, durationMs: 90_000 }, clock)
  const { gone } = await cluster.deploy(spec)
  await gone
  const samples = await load.close()
  const failed = samples.filter((sample) => !succeeded(sample))
  assert.deepEqual(failed, [])
  assert.deepEqual(cluster.failures, [])
  assert.ok(samples.length > 100)
  say(`ok: ${samples.length} requests during a rolling update, none failed`)

  for (const pod of ['web-1-0', 'web-1-1']) {
    const words = cluster.kubernetes?.lastWords(pod, 'draingate')
    assert.match(words ?? '', /^deregistered after /)
    const told = cluster.kubernetes?.told(pod).map(({ reason }) => reason)
    assert.deepEqual(told, ['DrainStarted', 'Drained'])
    say(`ok: ${pod}: ${words}`)
  }
  const bad = cluster.events.filter(({ kind }) => kind === 'sigkill' || kind === 'hook-failed')
  assert.deepEqual(bad, [])
}

function podOf(aws: Aws): PodSpec {
  const app: ContainerSpec = {
    ...{ name: 'app', port: appPort },
    command: contained(
      'app',
      ['POD_NAME', 'HOST', 'PORT'],
      [
        `--volume "${join(import.meta.dirname, '../../lab/app')}:/app/lab:ro"`,
        ...['--entrypoint node', image, '/app/lab/server.ts'],
      ],
    ),
    readiness: { path: '/', port: appPort, periodMs: 500 },
    preStop: { httpGet: { port: hookPort, path: '/prestop' } },
  }
  const sidecar: ContainerSpec = {
    ...{ name: 'draingate', port: hookPort },
    command: contained(
      'draingate',
      [...sidecarVariables, ...Object.keys(aws.environment)],
      [...mounts, image],
    ),
    readiness: { path: '/readyz', port: hookPort, periodMs: 500, timeoutMs: 5_000 },
    env: ({ loopbackPort }: Place) => ({
      ...aws.environment,
      LISTEN_ADDRESS: `127.0.0.1:${loopbackPort(hookPort)}`,
      ...{ SETTLE_SECONDS: '4', RESERVE_SECONDS: '3' },
    }),
  }
  return { containers: [app], nativeSidecars: [sidecar], gracePeriodMs: 60_000 }
}

/** A container of a pod; podman passes SIGTERM on to it. */
function contained(
  name: string,
  variables: readonly string[],
  rest: readonly string[],
): [string, ...string[]] {
  const words = [
    ...['exec', podman, ...options, `run --rm --name "${prefix}-$POD_NAME-${name}"`],
    ...['--network host', hardened, ...variables.map((variable) => `--env ${variable}`), ...rest],
  ]
  return ['/bin/sh', '-c', words.join(' ')]
}

/**
 * All of it but the port: the lab's pods share one loopback address, where each has ports of its own
 * behind those that it is asked for.
 */
async function doctor(pod: string): Promise<string> {
  const command = [
    ...options,
    'exec',
    `${prefix}-${pod}-draingate`,
    'draingate',
    'doctor',
    '--json',
  ]
  const { stdout } = await promisify(execFile)(podman, command, { timeout: 60_000 }).catch(
    (error: { stdout: string }) => error,
  )
  const rows = JSON.parse(stdout) as Row[]
  const other = rows.filter(({ state, check }) => state !== 'ok' && check !== 'hook')
  assert.deepEqual(other, [])
  return `${rows.length - 1} checks are ok`
}
