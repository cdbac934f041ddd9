import type { Failure, Search } from '../drain/ports.ts'
import { type Clock, wallClock } from '../time/clock.ts'
import type { KubernetesApi, Refusal } from './api/kubernetes-api.ts'
import type { PodName } from './api/place.ts'
import { createEvents, type Events } from './events.ts'
import { createDiscovery, type Discovery } from './finding/discovery.ts'
import { createOwnPod, type OwnPod } from './finding/own-pod.ts'
import { createSearch, type SearchDeps } from './finding/search.ts'
import type { PodObject } from './objects/pod.ts'

/** The pod's cluster, as far as its service account lets us see it. */
export interface Cluster {
  readonly pod: OwnPod
  readonly search: Search
  readonly events: Events
  /** The pod and its bindings as they are now. */
  inspect(signal: AbortSignal): Promise<Inspection | Failure>
}

export interface Inspection {
  readonly kind: 'inspected'
  readonly pod: PodObject
  readonly discovery: Discovery
}

export interface ClusterDeps extends Pick<SearchDeps, 'arnOf' | 'found'> {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly name: PodName
  /** Where hooks are answered. */
  readonly port: number
  /** Hears that events cannot be told. */
  readonly untold: (refusal: Refusal) => void
}

export function createCluster({ api, clock, name, port, untold, ...rest }: ClusterDeps): Cluster {
  const pod = createOwnPod(api, clock, name, port)
  const discover = createDiscovery(api)
  return {
    pod,
    search: createSearch({ pod, discover, ...rest }),
    events: createEvents({ api, clock, wallClock, name, pod, untold }),
    async inspect(signal) {
      const object = await pod.read(signal)
      if ('kind' in object) return object
      return { kind: 'inspected', pod: object, discovery: await discover(object, signal) }
    },
  }
}
