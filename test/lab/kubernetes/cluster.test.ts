import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Cluster, createCluster } from '../../../lab/cluster.ts'
import type { PodSpec } from '../../../lab/kubelet/spec.ts'
import type { Kubernetes } from '../../../lab/kubernetes/kubernetes.ts'
import type { KubeObject } from '../../../lab/kubernetes/objects.ts'
import {
  autoModeBindings,
  controllerBindings,
  deployments,
  events,
  namespaces,
  pods,
  type Resource,
  serviceAccounts,
  services,
} from '../../../lab/kubernetes/resources.ts'
import { startLoad, succeeded } from '../../../lab/load/load.ts'
import { clock } from '../../../src/time/clock.ts'
import { faultsOf } from '../../chart/schemas.ts'

const app = join(import.meta.dirname, '../../../lab/app/server.ts')
const secondMs = 100

function start(t: Test, gates: 'injected' | 'none', checkEveryMs = 50): Promise<Cluster> {
  const started = createCluster(
    {
      ...{ name: 'web', replicas: 2, port: 8080, secondMs, deadlineMs: 60_000 },
      lagMs: () => 100,
      propagationMs: () => 1_000,
      group: { deregistrationDelayMs: 2_000 },
      healthCheck: { path: '/healthz', intervalMs: checkEveryMs },
      kubernetes: { namespace: 'shop', gates, wallMs: Date.now },
    },
    clock,
  )
  t.teardown(async () => (await started).close())
  return started
}

const spec: PodSpec = {
  gracePeriodMs: 60 * secondMs,
  containers: [
    {
      ...{ name: 'app', command: [process.execPath, app], port: 8080 },
      readiness: { path: '/healthz', port: 8080, periodMs: 50 },
      preStop: { sleepMs: 3_000 },
    },
  ],
}

const kubernetesOf = ({ kubernetes }: Cluster): Kubernetes => {
  if (kubernetes === undefined) throw new Error('no Kubernetes')
  return kubernetes
}

t.test('a rolling update from a Deployment to targets, through objects only', async (t) => {
  const cluster = await start(t, 'injected')
  const { store } = kubernetesOf(cluster)
  // The same pods behind another group, of EKS Auto Mode.
  const { arn } = cluster.registry.createGroup({ name: 'beside', deregistrationDelayMs: 2_000 })
  store.create(autoModeBindings, 'shop', {
    metadata: { name: 'beside' },
    spec: { targetGroupARN: arn, serviceRef: { name: 'web', port: 80 } },
  })
  await cluster.deploy(spec)
  for (const pod of store.list(pods, 'shop')) {
    const types = pod.status?.conditions?.filter(({ status }) => status === 'True')
    const names = types?.map(({ type }) => type)
    t.ok(names?.includes('target-health.elbv2.k8s.aws/web'), `${pod.metadata.name} is in rotation`)
    t.ok(names?.includes('Ready'))
  }
  t.equal(cluster.registry.describe(arn).length, 2)
  const load = startLoad({ url: cluster.url, perSecond: 30, durationMs: 60_000 }, clock)
  const { gone } = await cluster.deploy(spec)
  await gone
  const samples = await load.close()
  t.strictSame(samples.filter((each) => !succeeded(each)).length, 0)
  t.strictSame(cluster.failures, [])
  t.strictSame(
    store.list(pods, 'shop').map(({ metadata }) => metadata.name),
    ['web-2-0', 'web-2-1'],
  )
})

t.test('without gates the Deployment does not wait for the load balancer', async (t) => {
  const cluster = await start(t, 'none', 30_000)
  const { store } = kubernetesOf(cluster)
  await cluster.deploy(spec)
  const [pod] = store.list(pods, 'shop')
  t.equal(pod?.spec?.readinessGates, undefined)
  t.ok(
    cluster.registry.describe(cluster.arn).every(({ state }) => state !== 'healthy'),
    'the pods are Ready, and no target is healthy yet',
  )
})

t.test('what the lab serves is what the OpenAPI schemas ask for', async (t) => {
  const cluster = await start(t, 'injected')
  const { store } = kubernetesOf(cluster)
  await cluster.deploy(spec)
  store.delete(pods, 'shop', 'web-1-0', 60)
  store.create(events, 'shop', {
    metadata: { generateName: 'web-1-0.' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: 'web-1-0' },
    ...{ type: 'Normal', reason: 'Drained', message: 'deregistered' },
  })
  const kinds: [Resource, string][] = [
    [namespaces, ''],
    [deployments, 'shop'],
    [pods, 'shop'],
    [services, 'shop'],
    [serviceAccounts, 'shop'],
    [events, 'shop'],
    [controllerBindings, 'shop'],
  ]
  const served = kinds.flatMap(([resource, namespace]) => store.list(resource, namespace))
  t.equal(served.length, 8)
  t.strictSame(await faultsOf(served.map(known)), [])
})

/** With what the store always sets as the checker's types want it. */
function known(object: KubeObject) {
  const { apiVersion = '', kind = '', metadata } = object
  const { name = '', ...rest } = metadata
  // The checker's type of a binding has no metadata but its names.
  const { namespace = '' } = rest
  const seen = kind === 'TargetGroupBinding' ? { name, namespace } : { ...rest, name }
  return { ...object, apiVersion, kind, metadata: seen }
}
