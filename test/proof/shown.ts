import type { Failure } from '../../src/drain/ports.ts'
import type { GroupFacts, GroupHealth, Sighting } from '../../src/drain/target.ts'
import { type Heard, looksIn } from './trace.ts'
import { arnOf } from './world.ts'

/** What the answers showed of a group by the end of a drain: told anew, not by the policy's own code. */
export interface ShownGroup {
  readonly looks: readonly LookHeard[]
  /** Truthful answers, also that there is no such group. */
  readonly truths: readonly LookHeard[]
  readonly last?: LookHeard
  readonly targets: readonly ShownTarget[]
  /** By the last listing more than 50 drain, who may look once in ten seconds each. */
  readonly crowded: boolean
  readonly facts: GroupFacts
  /** What of the group could not be learnt for want of a permission, and for other reasons. */
  readonly missing: readonly Failure[]
}

export interface ShownTarget {
  readonly port: number
  readonly meaning: Meaning
  /** When the first answer came that showed it. */
  readonly sinceMs: number
  /** When the first answer came, since it was last registered, that showed it draining. */
  readonly drainingAtMs?: number
}

/** By facts: which states hold, which are only a timer, and which let go. */
type Meaning = 'served' | 'draining' | 'unhealthy' | 'finished' | 'unused'
type LookHeard = Extract<Heard, { kind: 'looked' }>

export function shownOf(index: number, heard: readonly Heard[]): ShownGroup {
  const looks = looksIn(heard).filter(({ group }) => group === arnOf(index))
  const truths = looks.filter(({ answer }) => answer.kind === 'seen' || answer.kind === 'gone')
  const targets = new Map<number, ShownTarget>()
  for (const look of truths) read(look, targets)
  const told = heard
    .filter((fact) => fact.kind === 'described')
    .filter(({ group }) => group === arnOf(index))
  const seen = truths.map(({ answer }) => (answer.kind === 'seen' ? answer.targetType : undefined))
  const targetType = seen.find((type) => type !== undefined)
  const facts: GroupFacts = Object.assign(
    targetType ? { targetType } : {},
    ...told.map(({ answer }) => answer.facts),
  )
  const listed = truths.findLast(({ view }) => view.kind === 'listing')?.answer
  const crowded = listed?.kind === 'seen' && (listed.othersDraining ?? 0) >= 50
  const missing = told.at(-1)?.answer.missing ?? []
  const last = looks.at(-1)
  return {
    ...{ looks, truths },
    targets: [...targets.values()],
    crowded,
    facts,
    missing,
    ...(last ? { last } : {}),
  }
}

function read({ answer, view, answeredAtMs }: LookHeard, targets: Map<number, ShownTarget>): void {
  const seen = answer.kind === 'seen' ? answer.sightings : []
  const health = answer.kind === 'seen' ? answer.group : 'unknown'
  for (const port of targets.keys()) {
    const absent = !seen.some(({ target }) => target.port === port)
    const meaning = answer.kind === 'gone' ? 'unused' : 'finished'
    if (absent && (view.kind === 'listing' || answer.kind === 'gone')) note(port, meaning)
  }
  for (const sighting of seen) note(sighting.target.port, meaningOf(sighting, health))

  function note(port: number, meaning: Meaning) {
    const again = meaning === 'draining' && targets.get(port)?.meaning === 'finished'
    const before = again || meaning === 'served' ? undefined : targets.get(port)?.drainingAtMs
    const drainingAtMs = before ?? (meaning === 'draining' ? answeredAtMs : undefined)
    const sinceMs = targets.get(port)?.sinceMs ?? answeredAtMs
    targets.set(port, {
      port,
      meaning,
      sinceMs,
      ...(drainingAtMs === undefined ? {} : { drainingAtMs }),
    })
  }
}

/** An unhealthy target is let off only where others are known to serve. */
function meaningOf({ state, reason }: Sighting, group: GroupHealth): Meaning {
  if (reason === 'Target.NotRegistered') return 'finished'
  if (state === 'unused') return 'unused'
  if (state === 'draining' || state === 'unhealthy.draining') return 'draining'
  return state === 'unhealthy' && group === 'serving' ? 'unhealthy' : 'served'
}
