import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Cluster, createCluster } from '../../lab/cluster.ts'
import { startAws } from '../../lab/elbv2/aws.ts'
import type { ContainerSpec, Place, PodSpec } from '../../lab/kubelet/spec.ts'
import { pods } from '../../lab/kubernetes/resources.ts'
import { clock } from '../../src/clock.ts'

// Each of these is mostly waiting.
t.jobs = 2

const root = join(import.meta.dirname, '../..')
const [appPort, hookPort] = [8080, 8089]
const delayMs = 4_000

interface Scene {
  readonly cluster: Cluster
  readonly spec: PodSpec
  readonly log: (pod: string) => string
  /** Waits until the first pod has said it. */
  readonly said: (text: string) => Promise<void>
}

/** A Deployment behind a load balancer, whose sidecar is told nothing of it. */
async function start(t: Test, env: Record<string, string> = {}, lagMs = 500): Promise<Scene> {
  const lines: { pod: string; text: string }[] = []
  const cluster = await createCluster(
    {
      ...{ name: 'web', replicas: 1, port: appPort, deadlineMs: 90_000 },
      lagMs: () => lagMs,
      propagationMs: () => 1_000,
      group: { deregistrationDelayMs: delayMs },
      healthCheck: { path: '/', intervalMs: 200 },
      kubernetes: { namespace: 'shop', gates: 'injected', wallMs: Date.now },
      log: (line) => lines.push(line),
    },
    clock,
  )
  t.teardown(() => cluster.close())
  const aws = await startAws({ registry: cluster.registry, now: clock.now })
  t.teardown(() => aws.close())
  const app: ContainerSpec = {
    ...{ name: 'app', command: [process.execPath, join(root, 'lab/app/server.ts')], port: appPort },
    readiness: { path: '/', port: appPort, periodMs: 200 },
    preStop: { httpGet: { port: hookPort, path: '/prestop' } },
  }
  const sidecar: ContainerSpec = {
    ...{ name: 'draingate', command: [process.execPath, join(root, 'src/main.ts')] },
    port: hookPort,
    readiness: { path: '/readyz', port: hookPort, periodMs: 200 },
    env: ({ loopbackPort }: Place) => ({
      ...aws.environment,
      LISTEN_ADDRESS: `127.0.0.1:${loopbackPort(hookPort)}`,
      SETTLE_SECONDS: '2',
      RESERVE_SECONDS: '3',
      ...env,
    }),
  }
  const spec = { containers: [app], nativeSidecars: [sidecar], gracePeriodMs: 60_000 }
  const log = (pod: string) =>
    lines
      .filter((line) => line.pod === pod)
      .map(({ text }) => text)
      .join('\n')
  const said = async (text: string) => {
    for (let tries = 0; !log('web-1-0').includes(text); tries++) {
      if (tries > 600) throw new Error(`never said: ${text}`)
      await clock.sleepUntil(clock.now() + 50, new AbortController().signal)
    }
  }
  return { cluster, spec, log, said }
}

const outcomeIn = (log: string) => /"outcome":"([a-z-]+)"/.exec(log)?.[1]

t.test('a rolling update with no ARN in any manifest', { buffered: true }, async (t) => {
  const { cluster, spec, log } = await start(t)
  await cluster.deploy(spec)
  const { gone } = await cluster.deploy(spec)
  await gone
  t.equal(outcomeIn(log('web-1-0')), 'deregistered')
  t.match(log('web-1-0'), /"msg":"this pod and its TargetGroupBindings"/)
  const told = cluster.kubernetes?.told('web-1-0') ?? []
  t.strictSame(
    told.map(({ reason }) => reason),
    ['DrainStarted', 'Drained'],
  )
  t.match(
    told[1]?.message,
    /^deregistered after [\d.]+ s and \d+ looks \(0 throttled, API [\d.]+ s, hooks 1\): /,
  )
  t.match(cluster.kubernetes?.lastWords('web-1-0', 'draingate'), /^deregistered after /)
  const gates = cluster.events.filter(({ kind }) => kind === 'sigkill' || kind === 'hook-failed')
  t.strictSame(gates, [])
})

t.test('no RBAC at all: the reason is said, and the hook held', { buffered: true }, async (t) => {
  const { cluster, spec, log } = await start(t, { FALLBACK_SECONDS: '5' })
  cluster.kubernetes?.access.grant('shop', 'web', [])
  await cluster.deploy(spec)
  await cluster.kubelet.pods()[0]?.delete()
  t.equal(outcomeIn(log('web-1-0')), 'fallback')
  t.match(log('web-1-0'), /resources: .{0,2}"pods.{0,2}"\], verbs: .{0,2}"get/)
})

t.test('a restart, and then a deletion', { buffered: true }, async (t) => {
  const { cluster, spec, log } = await start(t, { RESTART_SECONDS: '3' })
  await cluster.deploy(spec)
  const [pod] = cluster.kubelet.pods()
  await pod?.restart('app')
  t.equal(outcomeIn(log('web-1-0')), 'not-terminating')
  await cluster.deploy(spec).then(({ gone }) => gone)
  const outcomes = [...log('web-1-0').matchAll(/"outcome":"([a-z-]+)"/g)].map(([, name]) => name)
  t.strictSame(outcomes, ['not-terminating', 'deregistered'])
})

t.test('a second deletion with less grace is honoured', { buffered: true }, async (t) => {
  const { cluster, spec, log, said } = await start(t, { RESERVE_SECONDS: '2' }, 100_000)
  await cluster.deploy(spec)
  const [pod] = cluster.kubelet.pods()
  const { kubernetes } = cluster
  const remove = (grace: number) => kubernetes?.store.delete(pods, 'shop', 'web-1-0', grace)
  remove(60)
  await said('hook called')
  remove(8)
  await pod?.ended
  t.equal(outcomeIn(log('web-1-0')), 'deadline')
  const story = cluster.events.filter(({ container }) => container === 'app')
  const [hook, end] = ['hook-started', 'hook-ended'].map((name) =>
    story.find(({ kind }) => kind === name),
  )
  const heldMs = (end?.atMs ?? Infinity) - (hook?.atMs ?? 0)
  t.ok(heldMs < 20_000, `held for ${heldMs}`)
})

t.test(
  'a token that rotates, and an API server that is down for a while',
  { buffered: true },
  async (t) => {
    const { cluster, spec, log, said } = await start(t)
    await cluster.deploy(spec)
    cluster.kubernetes?.rotate('web-1-0')
    cluster.kubernetes?.server.break('/shop/', { kind: 'status', code: 503 })
    const deleted = cluster.deploy(spec).then(({ gone }) => gone)
    await said('answered 503')
    cluster.kubernetes?.server.mend()
    await deleted
    t.equal(outcomeIn(log('web-1-0')), 'deregistered')
  },
)
