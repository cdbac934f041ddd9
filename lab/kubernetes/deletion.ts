import type { Pod } from './objects.ts'
import { timestampOf } from './timestamp.ts'

/**
 * What a deletion makes of a pod's object. `no-change`: one with less grace is under way. `at-once`: the
 * object goes, whatever the kubelet does about the processes.
 *
 * A second deletion's shorter grace counts from the first one's time, not from its own. Sources:
 * k8s.io/apiserver, pkg/registry/rest/delete.go (BeforeDelete), and pkg/registry/core/pod/strategy.go
 * (CheckGracefulDelete): nobody would end a pod that is on no node, or that has ended.
 */
export function deletedPod<T extends Pod>(
  pod: T,
  graceSeconds: number | undefined,
  nowMs: number,
): T | 'no-change' | 'at-once' {
  const { deletionTimestamp, deletionGracePeriodSeconds: before } = pod.metadata
  const asked = graceSeconds !== undefined && graceSeconds < 0 ? 1 : graceSeconds
  if (deletionTimestamp === undefined || before === undefined) {
    const grace = isWatched(pod)
      ? (asked ?? pod.spec?.terminationGracePeriodSeconds ?? defaultGraceSeconds)
      : 0
    return grace === 0 ? 'at-once' : until(pod, nowMs, grace)
  }
  if (asked === undefined || asked >= before) return 'no-change'
  if (asked === 0) return 'at-once'
  return until(pod, Date.parse(deletionTimestamp) - before * 1_000, asked)
}

// What the API server sets where a manifest does not.
const defaultGraceSeconds = 30

const isWatched = ({ spec, status }: Pod): boolean =>
  spec?.nodeName !== undefined && status?.phase !== 'Succeeded' && status?.phase !== 'Failed'

function until<T extends Pod>(pod: T, fromMs: number, graceSeconds: number): T {
  const metadata = {
    ...pod.metadata,
    deletionTimestamp: timestampOf(fromMs + graceSeconds * 1_000),
    deletionGracePeriodSeconds: graceSeconds,
  }
  return { ...pod, metadata }
}
