import type { Clock } from '../../src/time/clock.ts'
import { createBindingsController } from '../controller/bindings.ts'
import type { Registry } from '../elbv2/registry.ts'
import { createImages } from '../kubelet/images.ts'
import { createNode, type Node } from '../kubelet/node.ts'
import type { Pod as RunningPod } from '../kubelet/pod.ts'
import type { PodSpec } from '../kubelet/spec.ts'
import { leastRules } from './access.ts'
import { isTrue } from './condition.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { type KubernetesOptions, populate, putDeployment } from './manifests.ts'
import { podObject } from './pod-object.ts'
import { events, pods } from './resources.ts'

export interface KubernetesDeps {
  readonly registry: Registry
  readonly clock: Clock
  /** Starts a pod's processes. */
  readonly run: (name: string, spec: PodSpec) => Promise<RunningPod>
}

/** A cluster's API with one Deployment behind one binding, a node that runs it, and the controller. */
export interface Kubernetes
  extends ControlPlane,
    Pick<Node, 'follow' | 'changed' | 'lastWords' | 'rotate' | 'spoil'> {
  /** Creates a pod's object, and so has it run; its deletion goes through the API. */
  run(name: string, spec: PodSpec): Promise<RunningPod>
  /** The pod's object is Ready, its gates included. */
  available(pod: RunningPod): boolean
  /** The messages of a pod's events, by reason, in order. */
  told(pod: string): { reason: string; message: string }[]
  close(): Promise<void>
}

export async function startKubernetes(
  options: KubernetesOptions,
  deps: KubernetesDeps,
): Promise<Kubernetes> {
  const { name, namespace, wallMs, nodeWallMs = wallMs, secondMs } = options
  const { store, access, resources, server } = await startControlPlane(wallMs)
  const bindings = createBindingsController({ ...options, ...deps, balancer: deps.registry, store })
  const images = createImages()
  const place = { name: 'node-1', ip: '10.0.0.1', wallMs: nodeWallMs, secondMs }
  const node = createNode({ ...deps, ...place, store, access, server, images })
  populate(store, options)
  access.grant(namespace, name, leastRules)
  const template = {
    ...{ labels: { app: name }, serviceAccount: name, node: place.name },
    ...{ images, secondMs },
  }
  const objectOf = (pod: string) =>
    store.list(pods, namespace).find(({ metadata }) => metadata.name === pod)

  return {
    ...{ store, access, server, resources },
    ...{ follow: node.follow, changed: node.changed },
    ...{ lastWords: node.lastWords, rotate: node.rotate, spoil: node.spoil },
    async run(podName, spec) {
      const object = podObject(podName, spec, template)
      putDeployment(store, options, object)
      store.create(pods, namespace, object)
      const pod = await node.started(podName)
      const viaApi = (graceMs?: number) => {
        const grace = graceMs === undefined ? undefined : graceMs / secondMs
        if (objectOf(podName)) store.delete(pods, namespace, podName, grace)
        return pod.ended
      }
      return { ...pod, delete: viaApi }
    },
    available(pod) {
      const object = objectOf(pod.name)
      return object !== undefined && isTrue(object, 'Ready')
    },
    told: (pod) =>
      store
        .list(events, namespace)
        .filter(({ involvedObject }) => involvedObject?.name === pod)
        .map(({ reason = '', message = '' }) => ({ reason, message })),
    async close() {
      await bindings.close()
      await server.close()
      node.close()
    },
  }
}
