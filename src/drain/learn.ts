import { search } from './found.ts'
import { describe, look } from './looked.ts'
import type { PodSeen } from './ports.ts'
import type { ConnectionsProgress, Fact, GroupProgress, PodProgress, Progress } from './progress.ts'

/** Adds a fact to what is known. */
export function learn(progress: Progress, fact: Fact): Progress {
  switch (fact.kind) {
    case 'counted':
      return { ...progress, connections: count(progress.connections, fact) }
    case 'pod':
      return withPod(progress, lookAtPod(progress.pod, fact))
    case 'searched':
      return search(progress, fact)
    case 'joined':
      return { ...progress, joinedAtMs: fact.answeredAtMs }
    case 'thawed':
      return { ...progress, thawedAtMs: fact.answeredAtMs }
    default: {
      const groups = progress.groups.map((group) => {
        if (group.group !== fact.group) return group
        return fact.kind === 'described' ? describe(group, fact) : look(group, fact)
      })
      return { ...progress, groups }
    }
  }
}

/**
 * What was seen before the pod was deleted may have been the drain of a restart, and the pod back in service
 * since: it is looked at anew.
 */
function withPod(progress: Progress, pod: PodProgress): Progress {
  const { leavesFromMs } = pod
  if (leavesFromMs === progress.pod?.leavesFromMs) return { ...progress, pod }
  const groups = progress.groups.map((group) =>
    (group.truth?.askedAtMs ?? Infinity) < (leavesFromMs ?? 0)
      ? unseen(group, pod.answeredAtMs)
      : group,
  )
  return { ...progress, pod, groups }
}

function unseen(group: GroupProgress, knownAtMs: number): GroupProgress {
  const { truth, absentAtMs, attempt, ...rest } = group
  return { ...rest, knownAtMs, targets: [] }
}

/** Between two counts further apart than this, connections may have come and gone. */
export const blinkMs = 3_000

function count(
  before: ConnectionsProgress | undefined,
  { askedAtMs, answeredAtMs, answer }: Fact & { kind: 'counted' },
): ConnectionsProgress {
  const idleSinceMs = new Map<number, number>()
  if (answer.kind !== 'counted') return { askedAtMs, idleSinceMs, failure: answer }
  const unseen = !before || askedAtMs - before.askedAtMs > blinkMs
  for (const [port, established] of answer.established) {
    const since = unseen ? undefined : before.idleSinceMs.get(port)
    if (established === 0) idleSinceMs.set(port, since ?? answeredAtMs)
  }
  return { askedAtMs, idleSinceMs }
}

function lookAtPod(
  before: PodProgress | undefined,
  { askedAtMs, answeredAtMs, answer }: Fact & { kind: 'pod' },
): PodProgress {
  // A pod that stayed when it was last seen may have been deleted since.
  const seen = answer.kind === 'pod' ? answer : (answer.known ?? before?.seen)
  const leavesFromMs =
    before?.leavesFromMs ?? (isLeaving(seen) ? (seen?.deletedAtMs ?? askedAtMs) : undefined)
  const { known: _said, ...failure } = answer.kind === 'pod' ? { known: answer } : answer
  return {
    ...{ askedAtMs, answeredAtMs },
    ...(leavesFromMs === undefined ? {} : { leavesFromMs }),
    ...(seen ? { seen } : {}),
    ...('kind' in failure ? { failure } : {}),
  }
}

/** For good: whoever is deleted, or ended by a kubelet, is not registered again. */
function isLeaving(seen: PodSeen | undefined): boolean {
  const deletion = seen?.deletion
  return deletion === 'deleting' || deletion === 'deleted' || deletion === 'ending'
}
