import { search, withoutPossible } from './found.ts'
import { describe, look } from './looked.ts'
import type { ConnectionsProgress, Fact, PodProgress, Progress } from './progress.ts'

/** Adds a fact to what is known. */
export function learn(progress: Progress, fact: Fact): Progress {
  switch (fact.kind) {
    case 'counted':
      return { ...progress, connections: count(progress.connections, fact) }
    case 'pod':
      return { ...progress, pod: lookAtPod(progress.pod, fact) }
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
      return { ...progress, groups: withoutPossible(groups) }
    }
  }
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
  const times = { askedAtMs, answeredAtMs }
  if (answer.kind === 'pod') return { ...times, seen: answer }
  const { known, ...failure } = answer
  // A pod that stayed when it was last seen may have been deleted since.
  const seen = known ?? before?.seen
  return { ...times, ...(seen ? { seen } : {}), failure }
}
