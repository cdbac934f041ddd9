import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leastRules } from '../../lab/kubernetes/access.ts'
import { startControlPlane } from '../../lab/kubernetes/control-plane.ts'
import { controllerBindings, pods, services } from '../../lab/kubernetes/resources.ts'

const namespace = 'shop'
const [name, uid, account] = ['web-1', 'd3b07384-d9a0-4c9b-8f1e-0c6f3f2a1b5c', 'web']
const hook = { httpGet: { path: '/prestop', port: 8089 } }

/** The lab's Kubernetes API with one pod, its Service and its binding; and what the pod knows of it. */
export async function startCluster() {
  const { store, access, server } = await startControlPlane(Date.now)
  access.grant(namespace, account, leastRules)
  store.create(pods, namespace, {
    metadata: { namespace, name, uid, labels: { app: 'web' } },
    spec: {
      ...{ serviceAccountName: account, terminationGracePeriodSeconds: 400 },
      readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/web' }],
      containers: [{ name: 'web', image: 'web:1.0.0', lifecycle: { preStop: hook } }],
    },
    status: { podIP: '10.0.1.7', podIPs: [{ ip: '10.0.1.7' }] },
  })
  store.create(services, namespace, {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' } },
  })
  store.create(controllerBindings, namespace, {
    metadata: { name: 'web' },
    spec: {
      targetGroupARN:
        'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef',
      ...{ serviceRef: { name: 'web', port: 80 }, targetType: 'ip' },
    },
  })
  const directory = mkdtempSync(join(tmpdir(), 'draingate-bench-'))
  writeFileSync(
    join(directory, 'token'),
    access.issue({ namespace, account, lifetimeMs: 24 * 3_600_000, pod: { name, uid } }),
  )
  writeFileSync(join(directory, 'ca.crt'), server.ca)
  return {
    settings: {
      KUBERNETES_SERVICE_HOST: server.host,
      KUBERNETES_SERVICE_PORT_HTTPS: String(server.port),
      SERVICE_ACCOUNT_DIRECTORY: directory,
    },
    async close() {
      await server.close()
      rmSync(directory, { recursive: true })
    },
  }
}
