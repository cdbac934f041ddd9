import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { type Cluster, createCluster } from '../../lab/cluster.ts'
import type { ContainerSpec, PodSpec } from '../../lab/kubelet/spec.ts'
import { startLoad, succeeded } from '../../lab/load/load.ts'
import { clock } from '../../src/time/clock.ts'

const app = fileURLToPath(new URL('../../lab/app/server.ts', import.meta.url))

// Ten times faster than a real one: a propagation of 15 s takes 1.5 s.
const secondMs = 100

function start(t: Test): Promise<Cluster> {
  const started = createCluster(
    {
      ...{ name: 'web', replicas: 2, port: 8080, secondMs, deadlineMs: 60_000 },
      lagMs: () => 100,
      propagationMs: () => 1500,
      healthCheck: { path: '/healthz', intervalMs: 50 },
    },
    clock,
  )
  t.teardown(async () => (await started).close())
  return started
}

function web(preStop?: ContainerSpec['preStop']): PodSpec {
  const container: ContainerSpec = {
    ...{ name: 'app', command: [process.execPath, app], port: 8080 },
    env: () => ({ RESPONSE_MS: '20' }),
    readiness: { path: '/healthz', port: 8080, periodMs: 50 },
    ...(preStop && { preStop }),
  }
  return { containers: [container], gracePeriodMs: 60 * secondMs }
}

async function rollUnderLoad(cluster: Cluster, spec: PodSpec) {
  await cluster.deploy(spec)
  const load = startLoad({ url: cluster.url, perSecond: 50, durationMs: 60_000 }, clock)
  const rolled = await cluster.deploy(spec)
  const goneMs = await rolled.gone
  const samples = await load.close()
  return { ...rolled, goneMs, failed: samples.filter((each) => !succeeded(each)).length, samples }
}

t.test('a rollout whose pods outwait the load balancer fails no request', async (t) => {
  const cluster = await start(t)
  const { samples, failed, startedMs, goneMs, rolledMs } = await rollUnderLoad(
    cluster,
    web({ sleepMs: 30 * secondMs }),
  )
  t.equal(failed, 0)
  t.strictSame(cluster.failures, [])
  t.ok(samples.length > 50)
  t.ok(goneMs > rolledMs && rolledMs > startedMs, 'old pods end after the rollout')

  const story = cluster.events.filter(({ pod }) => pod === 'web-1-0').map(({ kind }) => kind)
  t.strictSame(story, [
    ...['started', 'ready', 'deleted', 'hook-started', 'hook-ended'],
    ...['sigterm', 'exited', 'ended'],
  ])
  t.equal(cluster.kubelet.pods().length, 2)
})

t.test('without a hook the load balancer sends requests to pods that are gone', async (t) => {
  const cluster = await start(t)
  const { failed } = await rollUnderLoad(cluster, web())
  t.ok(failed > 0)
  const old = cluster.events.filter(({ pod }) => pod.startsWith('web-1-')).map(({ ip }) => ip)
  t.ok(cluster.failures.length > 0)
  t.ok(cluster.failures.every(({ status, podIp }) => status === 502 && old.includes(podIp ?? '')))
})

t.test('a rollout to pods that never get ready leaves the old ones alone', async (t) => {
  const cluster = await start(t)
  await cluster.deploy(web())
  const broken: ContainerSpec = {
    ...{
      name: 'app',
      command: [process.execPath, '-e', 'setTimeout(() => {}, 60_000)'],
      port: 8080,
    },
    readiness: { path: '/healthz', port: 8080, periodMs: 50 },
  }
  const rolling = cluster.deploy({ containers: [broken] })
  const failed = t.rejects(rolling, /was closed/)
  await new Promise((resolve) => setTimeout(resolve, 500))
  t.equal(cluster.events.filter(({ kind }) => kind === 'deleted').length, 0)
  t.equal(cluster.kubelet.pods().length, 3)
  await cluster.close()
  await failed
  t.equal(cluster.kubelet.pods().length, 0)
})
