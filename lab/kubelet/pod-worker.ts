import type { Clock } from '../../src/time/clock.ts'
import type { Access } from '../kubernetes/access.ts'
import type { Pod as PodObject } from '../kubernetes/objects.ts'
import { pods } from '../kubernetes/resources.ts'
import type { ApiServer } from '../kubernetes/server.ts'
import type { Store } from '../kubernetes/store.ts'
import type { Images } from './images.ts'
import { type Mounts, mount } from './mounts.ts'
import type { Pod } from './pod.ts'
import { podStatus } from './pod-status.ts'
import { createPodTokens, type PodTokens } from './pod-tokens.ts'
import type { ContainerSpec, Place, PodSpec } from './spec.ts'

export interface NodeDeps {
  /** Pods whose nodeName it is are run here. Their names are unique, whatever their namespaces. */
  readonly name: string
  readonly ip: string
  readonly store: Store
  readonly access: Access
  readonly server: Pick<ApiServer, 'host' | 'port' | 'ca'>
  readonly images: Images
  readonly clock: Clock
  /** The node's time of day, in milliseconds since 1970. */
  readonly wallMs: () => number
  /** How long one of the kubelet's seconds is. */
  readonly secondMs: number
  /** Starts a pod's processes. */
  readonly run: (name: string, spec: PodSpec) => Promise<Pod>
}

export interface PodWorkerDeps extends NodeDeps {
  /** The last termination messages, by `POD CONTAINER`. */
  readonly words: Map<string, string>
  /** Called when the processes have ended and the object is gone. */
  gone(): void
}

/** One pod between the API server and its processes. */
export interface PodWorker {
  /** Rejects when the processes could not be started. */
  readonly started: Promise<Pod>
  /** The pod's object has changed, or is gone. */
  object(kind: 'added' | 'modified' | 'deleted'): void
  /** Writes the pod's status, where it has changed. */
  tell(): void
  exited(container: string): void
  readonly tokens: PodTokens
  close(): void
}

/** Mounts what a pod needs and starts it. */
export function createPodWorker(
  object: PodObject,
  spec: Pick<PodSpec, 'containers' | 'nativeSidecars'>,
  deps: PodWorkerDeps,
): PodWorker {
  const { store, access, clock, wallMs, secondMs, words } = deps
  const { namespace = '', name = '', uid = '' } = object.metadata
  const mounts = mount(deps.server.ca, namespace)
  const tokens = createPodTokens(object, { access, mounts })
  // Fixed, so that a time that is told again is the same to the second.
  const offsetMs = wallMs() - clock.now()
  const current = () => store.list(pods, namespace).find((pod) => pod.metadata.uid === uid)
  let running: Pod | undefined

  function tell(): void {
    const pod = current()
    if (running === undefined || pod === undefined) return
    const status = podStatus(pod, {
      ...{ ip: running.ip, hostIp: deps.ip, containers: running.containers() },
      message: (container) => words.get(`${name} ${container}`) ?? '',
      ...{ wallAt: (ms) => offsetMs + ms, nowMs: clock.now() },
    })
    if (JSON.stringify(status) === JSON.stringify(pod.status)) return
    store.update(pods, namespace, name, (before) => ({ ...before, status }))
  }

  function heed(): void {
    const grace = current()?.metadata.deletionGracePeriodSeconds
    if (current() === undefined) void running?.delete(0)
    else if (grace !== undefined) void running?.delete(grace * secondMs)
  }

  async function start(): Promise<Pod> {
    const graceSeconds = object.spec?.terminationGracePeriodSeconds ?? 30
    const pod = await deps.run(name, {
      ...withMounts(spec, namespace, mounts, deps),
      gracePeriodMs: graceSeconds * secondMs,
    })
    running = pod
    void pod.ended.then(end)
    tell()
    heed()
    return pod
  }

  function end(): void {
    tell()
    // There is nothing left that the object's end could end.
    running = undefined
    if (current() !== undefined) store.remove(pods, namespace, name)
    mounts.remove()
    deps.gone()
  }

  tokens.put()
  const started = start()
  // It is for whoever waits for it to say.
  started.catch(() => undefined)
  return {
    ...{ started, tell, tokens },
    object(kind) {
      // A token is bound to its pod.
      if (kind === 'deleted') access.revokeOf(uid)
      heed()
      if (kind === 'modified') tell()
    },
    exited(container) {
      words.set(`${name} ${container}`, mounts.takeMessage(container))
    },
    close: mounts.remove,
  }
}

/** What every container finds of its cluster, beside its own environment. */
function withMounts(
  spec: Pick<PodSpec, 'containers' | 'nativeSidecars'>,
  namespace: string,
  mounts: Mounts,
  { server, ip }: PodWorkerDeps,
): Pick<PodSpec, 'containers' | 'nativeSidecars'> {
  const wrap = (container: ContainerSpec): ContainerSpec => ({
    ...container,
    env: (place: Place) => ({
      KUBERNETES_SERVICE_HOST: server.host,
      KUBERNETES_SERVICE_PORT: String(server.port),
      KUBERNETES_SERVICE_PORT_HTTPS: String(server.port),
      SERVICE_ACCOUNT_DIRECTORY: mounts.directory,
      TERMINATION_MESSAGE_PATH: mounts.messagePath(container.name),
      ...(container.lookoutToken && { LOOKOUT_TOKEN_PATH: mounts.lookoutTokenPath }),
      POD_NAMESPACE: namespace,
      POD_IPS: place.ip,
      HOST_IP: ip,
      ...container.env?.(place),
    }),
  })
  const { containers, nativeSidecars = [] } = spec
  return { containers: containers.map(wrap), nativeSidecars: nativeSidecars.map(wrap) }
}
