import type { Pod as PodObject } from '../kubernetes/objects.ts'
import { pods } from '../kubernetes/resources.ts'
import type { Change } from '../kubernetes/store.ts'
import type { Pod } from './pod.ts'
import { createPodWorker, type NodeDeps, type PodWorker } from './pod-worker.ts'
import type { PodEvent } from './spec.ts'

/** The kubelet as the API server knows it: runs the pods of a node and tells what becomes of them. */
export interface Node {
  /** The processes of a pod of this node, once they are started. */
  started(name: string): Promise<Pod>
  /** Hears of what the kubelet does. */
  follow(event: PodEvent): void
  /** Hears that there may be something new to tell of a pod. */
  changed(pod: string): void
  /** What a container left as its termination message when it ended last, also of a pod that is gone. */
  lastWords(pod: string, container: string): string
  /** Puts new tokens in the place of a pod's old ones, of which the one for the API server ends. */
  rotate(pod: string, lifetimeMs?: number): void
  /** Puts what is made of a good one in the place of a pod's token for the lookout. */
  spoil(pod: string, made: (token: string) => string): void
  close(): void
}

/** A node without pods; from now on it takes those of the store. */
export function createNode(deps: NodeDeps): Node {
  const { name, store } = deps
  const workers = new Map<string, PodWorker>()
  // Of pods that are gone, too: what a pod left is looked at once it has.
  const words = new Map<string, string>()

  function take(object: PodObject): void {
    const { name: pod = '', namespace = '' } = object.metadata
    const spec = deps.images.pull(object)
    // An image that nobody pushed: the pod stays as it is, Pending.
    if (spec === undefined || workers.has(pod)) return
    function gone(): void {
      workers.delete(pod)
      // After a deletion by force the next pod of the name is there before this one has ended.
      const next = store.list(pods, namespace).find((one) => one.metadata.name === pod)
      if (next?.spec?.nodeName === name) take(next)
    }
    workers.set(pod, createPodWorker(object, spec, { ...deps, words, gone }))
  }

  const unfollow = store.follow(pods, ({ kind, object }: Change<PodObject>) => {
    if (object.spec?.nodeName !== name) return
    if (kind === 'added') take(object)
    else workers.get(object.metadata.name ?? '')?.object(kind)
  })

  return {
    started(pod) {
      const worker = workers.get(pod)
      return worker ? worker.started : Promise.reject(new Error(`no pod ${pod} on ${name}`))
    },
    follow(event) {
      if (event.kind === 'exited') workers.get(event.pod)?.exited(event.container ?? '')
    },
    changed: (pod) => workers.get(pod)?.tell(),
    lastWords: (pod, container) => words.get(`${pod} ${container}`) ?? '',
    rotate: (pod, lifetimeMs) => workers.get(pod)?.tokens.put(lifetimeMs),
    spoil: (pod, made) => workers.get(pod)?.tokens.spoil(made),
    close() {
      unfollow()
      for (const worker of workers.values()) worker.close()
    },
  }
}
