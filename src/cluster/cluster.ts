import type { Failure, Search } from '../drain/ports.ts'
import type { Clock } from '../time/clock.ts'
import type { Refusal } from './api/kubernetes-api.ts'
import { createEvents, type Events } from './events.ts'
import { createDiscovery } from './finding/discovery.ts'
import { createOwnPod, type OwnPod } from './finding/own-pod.ts'
import { createSearch, type SearchDeps } from './finding/search.ts'
import type { Discovery, Source } from './finding/source.ts'
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
  readonly source: Source
  readonly clock: Clock
  /** Where hooks are answered. */
  readonly port: number
  /** Hears that events cannot be told. */
  readonly untold: (refusal: Refusal) => void
}

export function createCluster({ source, clock, port, untold, ...rest }: ClusterDeps): Cluster {
  const pod = createOwnPod(source, clock, port)
  const discover = createDiscovery(source)
  return {
    pod,
    search: createSearch({ pod, discover, ...rest }),
    events: createEvents({ source, clock, untold }),
    async inspect(signal) {
      const object = await pod.read(signal)
      if ('kind' in object) return object
      return { kind: 'inspected', pod: object, discovery: await discover(object, signal) }
    },
  }
}
