import type { Pod } from './objects.ts'
import {
  controllerBindings,
  deployments,
  namespaces,
  serviceAccounts,
  services,
} from './resources.ts'
import type { Store } from './store.ts'

export interface KubernetesOptions {
  /** Names the Deployment, its Service, its service account and its TargetGroupBinding. */
  readonly name: string
  readonly namespace: string
  readonly arn: string
  /** The pods' port behind the load balancer. */
  readonly port: number
  /** Whether the namespace is labelled `elbv2.k8s.aws/pod-readiness-gate-inject=enabled`. */
  readonly gates: 'injected' | 'none'
  /** The time of day at the API server, in milliseconds since 1970. */
  readonly wallMs: () => number
  /** The node's, where its clock is wrong. */
  readonly nodeWallMs?: () => number
  readonly secondMs: number
  readonly lagMs: () => number
}

type Manifests = Pick<KubernetesOptions, 'name' | 'namespace' | 'arn' | 'port' | 'gates'>

/** Creates what stands there before the first pod: namespace, service account, Service and binding. */
export function populate(store: Store, { name, namespace, arn, port, gates }: Manifests): void {
  const metadata = { name }
  const label = { 'elbv2.k8s.aws/pod-readiness-gate-inject': 'enabled' }
  store.create(namespaces, '', {
    metadata: { name: namespace, ...(gates === 'injected' && { labels: label }) },
  })
  store.create(serviceAccounts, namespace, { metadata })
  const selector = { app: name }
  const ports = [{ name: 'http', port: 80, targetPort: port }]
  store.create(services, namespace, { metadata, spec: { selector, ports, type: 'ClusterIP' } })
  store.create(controllerBindings, namespace, {
    metadata,
    spec: {
      ...{ targetGroupARN: arn, targetType: 'ip', targetGroupProtocol: 'HTTP' },
      serviceRef: { name, port: 80 },
    },
  })
}

/** Gives the Deployment the template that a pod comes of; creates it, the first time. */
export function putDeployment(store: Store, { name, namespace }: Manifests, pod: Pod): void {
  const { nodeName: _nodeName, ...template } = pod.spec ?? {}
  const { labels = {} } = pod.metadata
  const spec = {
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: template },
  }
  const known = store.list(deployments, namespace).some(({ metadata }) => metadata.name === name)
  if (known) store.update(deployments, namespace, name, (before) => ({ ...before, spec }))
  else store.create(deployments, namespace, { metadata: { name }, spec })
}
