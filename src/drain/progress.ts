import type { Described, Failure, Seen, View } from './ports.ts'
import type { Sighting, Target } from './target.ts'
import { type GroupFacts, type GroupHealth, keyOf, type Phase, phaseOf } from './target.ts'

/** An answer from outside. Monotonic milliseconds: it is true of a moment between the two. */
export type Fact = {
  readonly group: string
  readonly askedAtMs: number
  readonly answeredAtMs: number
} & (
  | { readonly kind: 'looked'; readonly view: View; readonly answer: Seen | Failure }
  | { readonly kind: 'described'; readonly answer: Described }
)

export interface TargetProgress {
  readonly target: Target
  readonly sighting: Sighting
  readonly phase: Phase
  /** When it was last asked for and found registered: it was not deregistered before. */
  readonly registeredAtMs?: number
  /** When the first answer came that showed it draining: it was not deregistered after. */
  readonly drainingAtMs?: number
  /** When the first answer came that showed it gone. */
  readonly goneAtMs?: number
}

/** The last answer that told the truth about the group, be it that the group does not exist. */
export interface Truth {
  readonly askedAtMs: number
  readonly about: 'group' | 'no-group'
}

export interface GroupProgress {
  readonly group: string
  /** This pod's targets, once a listing has shown any. */
  readonly targets: readonly TargetProgress[]
  readonly health: GroupHealth
  readonly othersDraining?: number
  readonly truth?: Truth
  /** Since when whole answers show no target of this pod, by the time of the first question. */
  readonly absentAtMs?: number
  /** The last look that was answered at all, truth or failure. */
  readonly attempt?: { readonly askedAtMs: number; readonly answeredAtMs: number }
  /** What has kept the truth away since it was last heard, and how often in a row. */
  readonly failure?: { readonly last: Failure; readonly inARow: number }
  /** Looks by answer. */
  readonly answers: Readonly<Record<Seen['kind'] | Failure['kind'], number>>
  /** Empty until described. */
  readonly facts: GroupFacts
  readonly described?: {
    readonly answeredAtMs: number
    readonly times: number
    readonly missing: readonly Failure[]
  }
}

/** All that a drain knows. A value: `learn` makes the next one. */
export interface Progress {
  readonly startedAtMs: number
  readonly groups: readonly GroupProgress[]
}

/** The knowledge that a drain starts with: none. */
export function begin(groups: readonly string[], startedAtMs: number): Progress {
  const answers = { seen: 0, throttled: 0, denied: 0, unreachable: 0, gone: 0, malformed: 0 }
  return {
    startedAtMs,
    groups: groups.map((group) => ({ group, targets: [], health: 'unknown', answers, facts: {} })),
  }
}

/** Adds a fact to what is known. */
export function learn(progress: Progress, fact: Fact): Progress {
  const groups = progress.groups.map((group) => {
    if (group.group !== fact.group) return group
    return fact.kind === 'described' ? describe(group, fact) : look(group, fact)
  })
  return { ...progress, groups }
}

function describe(group: GroupProgress, fact: Fact & { kind: 'described' }): GroupProgress {
  const { answeredAtMs, answer } = fact
  const times = (group.described?.times ?? 0) + 1
  return {
    ...group,
    facts: { ...group.facts, ...answer.facts },
    described: { answeredAtMs, times, missing: answer.missing },
  }
}

function look(group: GroupProgress, fact: Fact & { kind: 'looked' }): GroupProgress {
  const { answer, askedAtMs, answeredAtMs } = fact
  const answers = { ...group.answers, [answer.kind]: group.answers[answer.kind] + 1 }
  const attempted = { ...group, answers, attempt: { askedAtMs, answeredAtMs } }
  switch (answer.kind) {
    case 'seen':
      return truth(attempted, fact, answer)
    case 'gone':
      // A group that was deleted sends nothing to anyone: a truth like an empty listing.
      return truth(attempted, fact, 'no-group')
    default: {
      const inARow = (group.failure?.inARow ?? 0) + 1
      return { ...attempted, failure: { last: answer, inARow } }
    }
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
  const othersDraining = told === 'no-group' ? undefined : told.othersDraining
  return {
    ...rest,
    targets,
    health,
    truth: { askedAtMs: fact.askedAtMs, about: told === 'no-group' ? 'no-group' : 'group' },
    ...(othersDraining === undefined ? {} : { othersDraining }),
    ...(targets.length === 0 ? { absentAtMs: absentAtMs ?? fact.askedAtMs } : {}),
  }
}

/** A listing leaves out what has finished draining; a deleted group, everything. */
function missing(target: Target, told: Seen | 'no-group'): Sighting {
  return told === 'no-group'
    ? { target, state: 'unused', reason: 'TargetGroupNotFound' }
    : { target, state: 'unused', reason: 'Target.NotRegistered' }
}

function sight(
  before: TargetProgress | undefined,
  sighting: Sighting,
  health: GroupHealth,
  { askedAtMs, answeredAtMs }: Fact & { kind: 'looked' },
): TargetProgress {
  const phase = phaseOf(sighting, health)
  const target = sighting.target
  // Registered again: what went before was another draining.
  if (phase.kind === 'registered') return { target, sighting, phase, registeredAtMs: askedAtMs }
  const { goneAtMs, ...kept }: Partial<TargetProgress> = before ?? {}
  if (phase.kind === 'draining') {
    return { ...kept, target, sighting, phase, drainingAtMs: kept.drainingAtMs ?? answeredAtMs }
  }
  return { ...kept, target, sighting, phase, goneAtMs: goneAtMs ?? answeredAtMs }
}
