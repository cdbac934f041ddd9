import type { PodSeen } from '../ports.ts'
import { search } from './found.ts'
import { describe, look } from './looked.ts'
import type {
  ConnectionsProgress,
  Fact,
  GroupProgress,
  PodProgress,
  Progress,
  TargetProgress,
} from './progress.ts'

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
      const leavesFromMs = progress.pod?.leavesFromMs ?? -Infinity
      const groups = progress.groups.map((group) => {
        if (group.group !== fact.group) return group
        if (fact.kind === 'described') return describe(group, fact)
        return seenSince(look(group, fact), leavesFromMs, fact.answeredAtMs)
      })
      return { ...progress, groups }
    }
  }
}

function withPod(progress: Progress, pod: PodProgress): Progress {
  const { leavesFromMs = -Infinity, answeredAtMs } = pod
  const groups = progress.groups.map((group) => seenSince(group, leavesFromMs, answeredAtMs))
  return { ...progress, pod, groups }
}

/**
 * What was seen before the pod was deleted may have been the drain of a restart, and the pod back in service
 * since: it is taken to be, and looked at anew.
 */
function seenSince(group: GroupProgress, fromMs: number, knownAtMs: number): GroupProgress {
  const isOld = (askedAtMs = Infinity) => askedAtMs < fromMs
  const { truth, absentAtMs, absentAskedAtMs, attempt, ...rest } = group
  const { targets } = group
  if (!isOld(absentAskedAtMs) && !targets.some(({ leftAskedAtMs }) => isOld(leftAskedAtMs))) {
    return group
  }
  // A listing that was asked for since is true of since, and no older than that.
  const isAbsent = targets.length === 0 && truth !== undefined && !isOld(truth.askedAtMs)
  return {
    ...{ ...rest, knownAtMs },
    ...(truth && (targets.length > 0 || isAbsent) ? { truth } : {}),
    ...(isAbsent ? { absentAtMs: knownAtMs, absentAskedAtMs: truth.askedAtMs } : {}),
    targets: targets.map((one) => (isOld(one.leftAskedAtMs) ? backIn(one) : one)),
  }
}

function backIn({ target, sighting }: TargetProgress): TargetProgress {
  return { target, sighting, phase: { kind: 'registered' } }
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
    before?.leavesFromMs ??
    (leavesForGood(seen) ? Math.min(seen?.deletedAtMs ?? askedAtMs, askedAtMs) : undefined)
  const told = {
    ...{ askedAtMs, answeredAtMs },
    ...(leavesFromMs === undefined ? {} : { leavesFromMs }),
    ...(seen ? { seen } : {}),
  }
  if (answer.kind === 'pod') return told
  const { known: _seen, ...failure } = answer
  return { ...told, failure }
}

/** Whoever is deleted, or ended by a kubelet, is not registered again. */
export function leavesForGood(seen: PodSeen | undefined): boolean {
  const deletion = seen?.deletion
  return deletion === 'deleting' || deletion === 'deleted' || deletion === 'ending'
}
