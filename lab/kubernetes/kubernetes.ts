import type { Pod } from '../kubelet/pod.ts'
import type { ContainerSpec, Place, PodEvent, PodSpec } from '../kubelet/spec.ts'
import { type Access, createAccess, leastRules } from './access.ts'
import { podObject } from './pod-object.ts'
import { builtIn, controllerBindings, events, pods, type Resource, services } from './resources.ts'
import { createRoutes } from './routes.ts'
import { type ApiServer, startApiServer } from './server.ts'
import { type Mounts, mount } from './service-account.ts'
import { createStore, type KubeObject, type Store } from './store.ts'

export interface KubernetesOptions {
  /** Names the Deployment, its Service, its service account and its TargetGroupBinding. */
  readonly name: string
  readonly namespace: string
  readonly arn: string
  /** Whether the namespace is labelled `elbv2.k8s.aws/pod-readiness-gate-inject=enabled`. */
  readonly gates: 'injected' | 'none'
  /** The time of day at the API server, in milliseconds since 1970. */
  readonly wallMs: () => number
  /** Starts a pod's processes. */
  readonly run: (name: string, spec: PodSpec) => Promise<Pod>
}

/** A cluster's API, with the pods of one Deployment kept in step with the kubelet that runs them. */
export interface Kubernetes {
  readonly store: Store
  readonly access: Access
  readonly server: ApiServer
  /** Creates a pod's object and has it run; its deletion goes through the API. */
  run(name: string, spec: PodSpec): Promise<Pod>
  /** Whether the Service of the binding selects the pod. */
  selects(pod: string): boolean
  /** Hears of what the kubelet does. */
  follow(event: PodEvent): void
  /** The messages of a pod's events, by reason, in order. */
  told(pod: string): { reason: string; message: string }[]
  /** What a container of a pod left as its termination message, also of a pod that is gone. */
  lastWords(pod: string, container: string): string
  /** The token of a pod is put in the place of the old one, which ends. */
  rotate(pod: string): void
  close(): Promise<void>
}

const hourMs = 3_600_000

export async function startKubernetes(options: KubernetesOptions): Promise<Kubernetes> {
  const { name, namespace, arn, gates, wallMs } = options
  const running = new Map<string, Pod>()
  const mounts = new Map<string, Mounts>()
  const tokens = new Map<string, string>()
  const store = createStore({ wallMs })
  store.follow(pods, ({ kind, name: pod, object }) => {
    const grace = kind === 'deleted' ? 0 : object.metadata.deletionGracePeriodSeconds
    if (grace !== undefined) void running.get(pod)?.delete(grace * 1_000)
  })
  const access = createAccess(wallMs)
  const resources = (): Resource[] => [...builtIn, controllerBindings]
  const server = await startApiServer({
    answer: createRoutes({ store, access, resources }),
    wallMs,
  })
  const labels = { app: name }
  store.create(services, namespace, { metadata: { name }, spec: { selector: labels } })
  store.create(controllerBindings, namespace, bindingObject(name, arn))
  access.grant(namespace, name, leastRules)

  function issue(pod: KubeObject): void {
    const { name: podName = '', uid = '' } = pod.metadata
    access.revoke(tokens.get(podName) ?? '')
    const bound = { pod: { name: podName, uid }, expiresMs: wallMs() + hourMs }
    const token = access.issue({ namespace, account: name, ...bound })
    tokens.set(podName, token)
    mounts.get(podName)?.putToken(token)
  }

  return {
    ...{ store, access, server },
    async run(podName, spec) {
      const template = { labels, serviceAccount: name, gates: gates === 'injected' ? [name] : [] }
      const object = store.create(pods, namespace, podObject(podName, spec, template))
      const mounted = mount(server.ca, namespace)
      mounts.set(podName, mounted)
      issue(object)
      const pod = await options.run(podName, withMounts(spec, namespace, server, mounted))
      running.set(podName, pod)
      store.update(pods, namespace, podName, (one) => ({
        ...one,
        status: { podIP: pod.ip, podIPs: [{ ip: pod.ip }], hostIP: '10.0.0.1' },
      }))
      const viaApi = (graceMs?: number) => {
        const grace = graceMs === undefined ? undefined : graceMs / 1_000
        store.delete(pods, namespace, podName, grace)
        return pod.ended
      }
      return { ...pod, delete: viaApi }
    },
    selects(podName) {
      const selector = store.get(services, namespace, name).spec?.selector ?? {}
      const { labels: own = {} } = store.get(pods, namespace, podName).metadata
      return Object.entries(selector).every(([key, value]) => own[key] === value)
    },
    follow({ kind, pod }) {
      if (kind !== 'ended') return
      store.remove(pods, namespace, pod)
      // A token is bound to its pod.
      access.revoke(tokens.get(pod) ?? '')
    },
    told: (pod) =>
      store
        .list(events, namespace)
        .filter(({ involvedObject }) => (involvedObject as { name?: string }).name === pod)
        .map(({ reason, message }) => ({ reason: String(reason), message: String(message) })),
    lastWords: (pod, container) => mounts.get(pod)?.message(container) ?? '',
    rotate: (pod) => issue(store.get(pods, namespace, pod)),
    async close() {
      await server.close()
      for (const mounted of mounts.values()) mounted.remove()
    },
  }
}

function bindingObject(name: string, arn: string): KubeObject {
  return {
    metadata: { name },
    spec: {
      ...{ targetGroupARN: arn, targetType: 'ip', targetGroupProtocol: 'HTTP' },
      serviceRef: { name, port: 80 },
    },
  }
}

/** What every container finds of its cluster, beside its own environment. */
function withMounts(spec: PodSpec, namespace: string, server: ApiServer, mounts: Mounts): PodSpec {
  const wrap = (container: ContainerSpec): ContainerSpec => ({
    ...container,
    env: (place: Place) => ({
      KUBERNETES_SERVICE_HOST: server.host,
      KUBERNETES_SERVICE_PORT_HTTPS: String(server.port),
      SERVICE_ACCOUNT_DIRECTORY: mounts.directory,
      TERMINATION_MESSAGE_PATH: mounts.messagePath(container.name),
      POD_NAMESPACE: namespace,
      ...container.env?.(place),
    }),
  })
  return {
    ...spec,
    containers: spec.containers.map(wrap),
    ...(spec.nativeSidecars ? { nativeSidecars: spec.nativeSidecars.map(wrap) } : {}),
  }
}
