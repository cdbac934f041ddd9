import { othersAwake } from './fleet.ts'
import type { Failure, Seen } from './ports.ts'
import {
  beginGroup,
  type ConnectionsProgress,
  type Fact,
  type Failures,
  type GroupProgress,
  type PodProgress,
  type Progress,
  type TargetProgress,
} from './progress.ts'
import { type GroupHealth, keyOf, phaseOf, type Sighting, type Target } from './target.ts'

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
      return { ...progress, groups }
    }
  }
}

function search(
  { search: before, groups, ...rest }: Progress,
  { askedAtMs, answeredAtMs, answer }: Fact & { kind: 'searched' },
): Progress {
  const { missing, narrowed } = answer
  const fresh = answer.groups
    .filter((found) => !groups.some(({ group }) => group === found.group))
    .map(({ group, facts }) => beginGroup(group, facts, answeredAtMs))
  const all = [...groups, ...fresh]
  const [because] = missing
  const failure = because && { failure: failedAgain(before?.failure, because, askedAtMs) }
  const none = all.length === 0 && missing.length === 0 ? answeredAtMs : undefined
  const noneAtMs = all.length === 0 ? (before?.noneAtMs ?? none) : undefined
  const answered = { askedAtMs, answeredAtMs, missing, narrowed, ...failure }
  return {
    ...rest,
    groups: all,
    search: { ...answered, ...(noneAtMs === undefined ? {} : { noneAtMs }) },
  }
}

function failedAgain(before: Failures | undefined, last: Failure, askedAtMs: number): Failures {
  const goesOn = before !== undefined && before.last.kind !== 'throttled'
  const outageAtMs = goesOn ? before.outageAtMs : askedAtMs
  return { last, inARow: (before?.inARow ?? 0) + 1, outageAtMs }
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

function describe(group: GroupProgress, fact: Fact & { kind: 'described' }): GroupProgress {
  const { answeredAtMs, answer } = fact
  const times = (group.described?.times ?? 0) + 1
  return {
    ...group,
    facts: { ...group.facts, ...answer.facts },
    described: { answeredAtMs, times, missing: answer.missing },
    throttled: group.throttled + answer.missing.filter(({ kind }) => kind === 'throttled').length,
  }
}

function look(group: GroupProgress, fact: Fact & { kind: 'looked' }): GroupProgress {
  const { answer, askedAtMs, answeredAtMs } = fact
  const answers = { ...group.answers, [answer.kind]: group.answers[answer.kind] + 1 }
  const attempted = {
    ...{ ...group, answers, attempt: { askedAtMs, answeredAtMs } },
    throttled: group.throttled + (answer.kind === 'throttled' ? 1 : 0),
    lookingMs: group.lookingMs + answeredAtMs - askedAtMs,
  }
  switch (answer.kind) {
    case 'seen':
      return truth(attempted, fact, answer)
    case 'gone':
      // A group that was deleted sends nothing to anyone: a truth like an empty listing.
      return truth(attempted, fact, 'no-group')
    default:
      return { ...attempted, failure: failedAgain(group.failure, answer, askedAtMs) }
  }
}

function truth(
  group: GroupProgress,
  fact: Fact & { kind: 'looked' },
  told: Seen | 'no-group',
): GroupProgress {
  const { failure: _over, absentAtMs, ...rest } = group
  const sightings = told === 'no-group' ? [] : told.sightings
  const health = told === 'no-group' ? 'unknown' : told.group
  const seen = new Map(sightings.map((sighting) => [keyOf(sighting.target), sighting]))
  const known = new Map(group.targets.map((target) => [keyOf(target.target), target]))
  const targets = [...new Set([...known.keys(), ...seen.keys()])].flatMap((key) => {
    const before = known.get(key)
    const sighting = seen.get(key)
    if (sighting) return [sight(before, sighting, health, fact)]
    if (!before) return []
    // Only a look at the whole group can show by silence that a target is gone.
    const silent = told !== 'no-group' && fact.view.kind === 'named'
    return [silent ? before : sight(before, missing(before.target, told), health, fact)]
  })
  const { othersDraining, size, targetType }: Partial<Seen> = told === 'no-group' ? {} : told
  return {
    ...rest,
    targets,
    health,
    facts: { ...(targetType ? { targetType } : {}), ...group.facts },
    truth: { askedAtMs: fact.askedAtMs, about: told === 'no-group' ? 'no-group' : 'group' },
    ...(othersDraining === undefined
      ? {}
      : { othersDraining, othersAwake: othersAwake(group, othersDraining) }),
    ...(size === undefined ? {} : { size }),
    ...(targets.length === 0 ? { absentAtMs: absentAtMs ?? fact.answeredAtMs } : {}),
  }
}

/** A listing leaves out what has finished draining; a deleted group, everything. */
function missing(target: Target, told: Seen | 'no-group'): Sighting {
  return told === 'no-group'
    ? { target, state: 'unused', reason: 'TargetGroupNotFound' }
    : { target, state: 'unused', reason: 'Target.NotRegistered' }
}

function sight(
  known: TargetProgress | undefined,
  sighting: Sighting,
  health: GroupHealth,
  { askedAtMs, answeredAtMs }: Fact & { kind: 'looked' },
): TargetProgress {
  const phase = phaseOf(sighting, health)
  const target = sighting.target
  // Registered again: what went before was another draining.
  if (phase.kind === 'registered') return { target, sighting, phase, registeredAtMs: askedAtMs }
  const { gone, ...kept }: Partial<TargetProgress> = known ?? {}
  if (phase.kind === 'draining') {
    // It had finished, and drains again: registered in between, though no look came upon that.
    const before = gone?.reason === 'Target.NotRegistered' ? undefined : kept.drainingAtMs
    return { ...kept, target, sighting, phase, drainingAtMs: before ?? answeredAtMs }
  }
  const { reason } = sighting
  const first = gone ?? { atMs: answeredAtMs, ...(reason ? { reason } : {}) }
  return { ...kept, target, sighting, phase, gone: first }
}
