import { type Clock, wallClock } from '../clock.ts'
import type { Failure, Search } from '../drain/ports.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { createEvents, type Events } from './events.ts'
import type { KubernetesApi, Refusal } from './kubernetes-api.ts'
import { createOwnPod, type OwnPod, type PodName } from './own-pod.ts'
import type { PodObject } from './pod.ts'
import { createSearch, type SearchDeps } from './search.ts'

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
