import type { Seen } from '../ports.ts'
import { type GroupHealth, keyOf, phaseOf, type Sighting, type Target } from '../target.ts'
import { failedAgain } from './failures.ts'
import type { Fact, GroupProgress, TargetProgress } from './progress.ts'

/** Adds what could be learnt of a group beside its targets. */
export function describe(group: GroupProgress, fact: Fact & { kind: 'described' }): GroupProgress {
  const { answeredAtMs, answer } = fact
  const times = (group.described?.times ?? 0) + 1
  return {
    ...group,
    facts: { ...group.facts, ...answer.facts },
    described: { answeredAtMs, times, missing: answer.missing },
    throttled: group.throttled + answer.missing.filter(({ kind }) => kind === 'throttled').length,
  }
}

/** Adds what a listing showed, or why there is none. */
export function look(group: GroupProgress, fact: Fact & { kind: 'looked' }): GroupProgress {
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
    default: {
      const fromMs = group.attempt ? askedAtMs : group.knownAtMs
      return { ...attempted, failure: failedAgain(group.failure, answer, fromMs) }
    }
  }
}

function truth(
  group: GroupProgress,
  fact: Fact & { kind: 'looked' },
  told: Seen | 'no-group',
): GroupProgress {
  const {
    failure: _over,
    absentAtMs = fact.answeredAtMs,
    absentAskedAtMs = fact.askedAtMs,
    ...rest
  } = group
  const {
    sightings,
    group: health,
    othersDraining,
    targetType,
  } = told === 'no-group' ? noGroup : told
  const seen = new Map(sightings.map((sighting) => [keyOf(sighting.target), sighting]))
  const known = new Map(group.targets.map((target) => [keyOf(target.target), target]))
  const targets = [...new Set([...known.keys(), ...seen.keys()])].flatMap((key) => {
    const before = known.get(key)
    const sighting = seen.get(key) ?? (before && missing(before.target, told))
    return sighting ? [sight(before, sighting, health, fact)] : []
  })
  const isIn = targets.length > 0
  return {
    ...rest,
    ...{ targets, othersDraining },
    claim: isIn && group.claim === 'possible' ? 'bound' : group.claim,
    facts: { ...(targetType ? { targetType } : {}), ...group.facts },
    truth: { askedAtMs: fact.askedAtMs, about: told === 'no-group' ? 'no-group' : 'group' },
    ...(isIn ? {} : { absentAtMs, absentAskedAtMs }),
  }
}

const noGroup: Seen = { kind: 'seen', sightings: [], group: 'failing-open', othersDraining: 0 }

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
  const { leftAskedAtMs = askedAtMs } = known ?? {}
  if (sighting.state === 'unhealthy') {
    // Out of service, but registered all the same: what it drained before was another draining.
    const since = known?.sighting.state === 'unhealthy' ? known.gone : undefined
    const { reason } = sighting
    const gone = since ?? { atMs: answeredAtMs, ...(reason ? { reason } : {}) }
    return { target, sighting, phase, registeredAtMs: askedAtMs, leftAskedAtMs, gone }
  }
  const { gone, ...rest }: Partial<TargetProgress> = known ?? {}
  const kept = { ...rest, leftAskedAtMs }
  if (phase.kind === 'draining') {
    // It had finished, and drains again: registered in between, though no look came upon that.
    const before = gone?.reason === 'Target.NotRegistered' ? undefined : kept.drainingAtMs
    return { ...kept, target, sighting, phase, drainingAtMs: before ?? answeredAtMs }
  }
  const { reason } = sighting
  // Unhealthy at first, and finished now: in between it may have been in service, though no look came upon that.
  const isNew = reason === 'Target.NotRegistered' && gone?.reason !== reason
  const first = isNew ? undefined : gone
  const found = first ?? { atMs: answeredAtMs, ...(reason ? { reason } : {}) }
  return { ...kept, target, sighting, phase, gone: found }
}
