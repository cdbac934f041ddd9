import type { Clock } from '../../src/time/clock.ts'
import type { PodSpec, PodStep } from './spec.ts'

/** What the API object of a pod on its way out says, in ms on the kubelet's clock. */
export interface Deletion {
  /** deletionTimestamp: the time of the first request plus the grace period. */
  timestampMs: number
  /** deletionGracePeriodSeconds. */
  graceMs: number
}

export interface ApiObjectDeps {
  spec: PodSpec
  clock: Clock
  secondMs: number
  emit(event: PodStep): void
}

/** The part of a pod's API object that tells of its end. */
export interface ApiObject {
  /** Undefined until the first deletion. */
  deletion(): Deletion | undefined
  /** A later deletion counts only when its grace period is shorter. Default: the pod's own. */
  delete(graceMs?: number): void
  /** The grace period in the kubelet's whole (scaled) seconds, of a restart too. */
  graceSeconds(): number
}

/** The object of a pod that is not deleted. */
export function createApiObject({ spec, clock, secondMs, emit }: ApiObjectDeps): ApiObject {
  const ownGraceMs = spec.gracePeriodMs ?? 30 * secondMs
  let deletion: Deletion | undefined
  let firstMs: number | undefined
  return {
    deletion: () => deletion,
    delete(graceMs = ownGraceMs) {
      if (deletion !== undefined && graceMs >= deletion.graceMs) return
      firstMs ??= clock.now()
      deletion = { timestampMs: firstMs + graceMs, graceMs }
      emit({ kind: 'deleted', detail: `${graceMs} ms of grace` })
    },
    // A grace period of 0 is one second to the kubelet (pkg/kubelet/pod_workers.go).
    graceSeconds: () => Math.max(1, Math.floor((deletion?.graceMs ?? ownGraceMs) / secondMs)),
  }
}
