import type { Claim, Failure } from '../../src/drain/ports.ts'
import type { GroupFacts, GroupHealth, Sighting } from '../../src/drain/target.ts'
import { type Heard, leavingOf, looksIn } from './trace.ts'
import { arnOf, type World } from './world.ts'

/** What the answers showed of a group by some moment: told anew, not by the policy's own code. */
export interface ShownGroup {
  /** Undefined: nobody said that the pod may be in it. */
  readonly claim: Claim | undefined
  readonly looks: readonly LookHeard[]
  /** Truthful answers, also that there is no such group. */
  readonly truths: readonly LookHeard[]
  readonly last?: LookHeard
  readonly targets: readonly ShownTarget[]
  readonly facts: GroupFacts
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
export type LookHeard = Extract<Heard, { kind: 'looked' }>

export function shownOf(index: number, world: World, heard: readonly Heard[]): ShownGroup {
  const { claim, from = 0 } = claimsOf(world, heard).get(arnOf(index)) ?? {}
  const since = heard.slice(from)
  const looks = looksIn(since).filter(({ group }) => group === arnOf(index))
  const { fromMs, knownAtMs } = leavingOf(heard)
  const told = looks.filter(({ answer }) => answer.kind === 'seen' || answer.kind === 'gone')
  const targets = new Map<number, ShownTarget>()
  const isServed = (port: number) => targets.get(port)?.meaning === 'served'
  for (const look of told.filter(({ askedAtMs }) => askedAtMs < fromMs)) read(look, targets)
  // It may have drained for a restart then, and be in service again: it is looked at anew.
  const old = new Set([...targets.keys()].filter((port) => !isServed(port)))
  const truths = told.filter(({ askedAtMs }) => askedAtMs >= fromMs)
  const early = truths.filter(({ answeredAtMs }) => answeredAtMs < knownAtMs)
  for (const look of early) {
    read(look, targets)
    for (const port of old) if (isServed(port)) old.delete(port)
  }
  for (const port of old) targets.set(port, { port, meaning: 'served', sinceMs: knownAtMs })
  for (const look of truths.slice(early.length)) read(look, targets)
  const described = since
    .filter((fact) => fact.kind === 'described')
    .filter(({ group }) => group === arnOf(index))
  const seen = looks.map(({ answer }) => (answer.kind === 'seen' ? answer.targetType : undefined))
  const targetType = seen.find((type) => type !== undefined)
  const facts: GroupFacts = Object.assign(
    targetType ? { targetType } : {},
    ...described.map(({ answer }) => answer.facts),
  )
  const missing = described.at(-1)?.answer.missing ?? []
  const last = looks.at(-1)
  return {
    ...{ looks, truths, facts, missing },
    claim,
    targets: [...targets.values()],
    ...(last ? { last } : {}),
  }
}

/**
 * Why each group was looked at: what was said first counts. A group that was only possible may turn out to be
 * the pod's; and once a search finds one that is, nobody asks for the others that are only possible.
 */
function claimsOf({ search, groups }: World, heard: readonly Heard[]) {
  const claims = new Map<string, Claimed>()
  if (!search) for (const [index] of groups.entries()) claims.set(arnOf(index), named)
  for (const [from, fact] of heard.entries()) {
    if (fact.kind === 'searched') {
      for (const { group, claim } of fact.answer.groups) {
        const before = claims.get(group)
        if (!before || before.claim === 'possible') claims.set(group, { from, ...before, claim })
      }
    }
    if (fact.kind === 'looked' && fact.answer.kind === 'seen' && fact.answer.sightings.length > 0) {
      const before = claims.get(fact.group)
      if (before?.claim === 'possible') claims.set(fact.group, { ...before, claim: 'bound' })
    }
    const isFound =
      fact.kind === 'searched' && fact.answer.groups.some(({ claim }) => claim !== 'possible')
    for (const [group, { claim }] of claims) {
      if (isFound && claim === 'possible') claims.delete(group)
    }
  }
  return claims
}

interface Claimed {
  readonly claim: Claim
  /** How many answers had come before it was claimed. */
  readonly from: number
}

const named: Claimed = { claim: 'named', from: 0 }

function read({ answer, answeredAtMs }: LookHeard, targets: Map<number, ShownTarget>): void {
  const seen = answer.kind === 'seen' ? answer.sightings : []
  const health = answer.kind === 'seen' ? answer.group : 'failing-open'
  for (const port of targets.keys()) {
    const absent = !seen.some(({ target }) => target.port === port)
    if (absent) note(port, answer.kind === 'gone' ? 'unused' : 'finished')
  }
  for (const sighting of seen) note(sighting.target.port, meaningOf(sighting, health))

  function note(port: number, meaning: Meaning) {
    const again = meaning === 'draining' && targets.get(port)?.meaning === 'finished'
    const isIn = meaning === 'served' || meaning === 'unhealthy'
    const before = again || isIn ? undefined : targets.get(port)?.drainingAtMs
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
  // Registered all the same: a listener may be switched to its group a moment later.
  if (reason === 'Target.NotInUse') return 'served'
  if (state === 'unused') return 'unused'
  if (state === 'draining' || state === 'unhealthy.draining') return 'draining'
  return state === 'unhealthy' && group === 'serving' ? 'unhealthy' : 'served'
}
