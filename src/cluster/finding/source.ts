import type { Failure, FoundGroup } from '../../drain/ports.ts'
import type { Refusal } from '../api/kubernetes-api.ts'
import type { Binding, ServiceObject } from '../objects/bindings.ts'
import type { PodObject } from '../objects/pod.ts'
import type { PodEvent } from './event.ts'

/**
 * Where what is known of the pod comes from: the API server, or the lookout, which asks it for all pods.
 * Neither rejects.
 */
export interface Source {
  /** The pod as it is now. */
  pod(signal: AbortSignal): Promise<PodAnswer>
  /** The bindings that are about it now. */
  bindings(pod: PodObject, signal: AbortSignal): Promise<Discovery>
  /** Tells an event of it; undefined when it was told. */
  tell(event: PodEvent, signal: AbortSignal): Promise<Refusal | undefined>
}

export interface PodAnswer {
  readonly object: PodObject | Refusal
  /** The API server's time, in milliseconds since 1970, to the second; NaN where it gave none. */
  readonly serverMs: number
  /** When the API server was asked, in monotonic milliseconds. */
  readonly askedAtMs: number
}

/** The bindings that register a pod, as far as they could be found. */
export interface Discovery {
  readonly bindings: readonly ClaimedBinding[]
  /** The other bindings of the namespace that register pods: should the pod be in none of its own. */
  readonly possible: readonly ClaimedBinding[]
  /** The Services of the namespace that select the pod. */
  readonly services: readonly ServiceObject[]
  /** What may hide another binding, said so that it can be mended. */
  readonly missing: readonly Failure[]
  /** What is not known either, though the bindings can be believed without it. */
  readonly narrowed: readonly Failure[]
}

export interface ClaimedBinding extends Binding {
  /** Why it may be the pod's. */
  readonly claim: FoundGroup['claim']
}
