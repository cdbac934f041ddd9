import type { Role } from '../../aws/access.ts'
import type { AwsBalancer } from '../../aws/balancer.ts'
import { describedBy } from '../../aws/described.ts'
import type { Listing } from '../../aws/sightings.ts'
import type { Described, Failure, Wanted } from '../../drain/ports.ts'
import type { GroupFacts } from '../../drain/target.ts'
import type { Clock } from '../../time/clock.ts'
import type { Asked, Rounds, Wait, Worked } from '../rounds/rounds.ts'
import type { Accounts } from './accounts.ts'

/** A target group, and with which role it is looked at. */
export interface Group {
  readonly arn: string
  readonly role?: Role | undefined
}

/** Target groups, as AWS shows them to all who ask. */
export interface Groups {
  list(group: Group, wait: Wait): Promise<Asked<Listing | Failure>>
  /** From what was learnt in the last minutes, or anew. */
  describe(group: Group, wanted: readonly Wanted[], wait: Describing): Promise<Described>
  /** The ARN of a group by its name, in the Region of the lookout. */
  arnOf(name: string, role: Role | undefined, wait: Wait): Promise<string | Failure>
}

export interface Describing extends Wait {
  /** What is older is asked for anew; without it, what is forgotten. Milliseconds. */
  readonly oldMs?: number
}

export interface GroupsDeps {
  readonly clock: Clock
  readonly accounts: Accounts
  /** With the eyes of a role; without one, with one's own. */
  readonly awsAs: (role: Role | undefined) => AwsBalancer
  /** Hears of each listing. */
  readonly listed?: (group: string, answer: 'listing' | 'throttled' | 'other') => void
}

/**
 * For how long a description is kept, where many groups wait for a turn: to ask in a drain costs as much as a turn, and a
 * deregistration delay is seldom changed. Milliseconds.
 */
export const keptMs = 15 * 60_000
/** And where few do: whoever changes a delay may replace the pods in the next minute. */
const freshMs = 60_000
/** So many things that wait are many: with five calls a second, two seconds' worth. */
const manyWait = 10

interface Kept {
  readonly facts: GroupFacts
  readonly atMs: number
}

export function createGroups({ clock, accounts, awsAs, listed }: GroupsDeps): Groups {
  const kept = new Map<string, Kept>()
  const arns = new Map<string, { arn: string; atMs: number }>()
  const never = new AbortController().signal
  const isFresh = (atMs: number, oldMs = keptMs) => clock.now() - atMs < oldMs

  function isEnough(atMs: number, { oldMs }: Describing, rounds: Rounds): boolean {
    if (oldMs !== undefined) return isFresh(atMs, oldMs)
    return isFresh(atMs, freshMs) || (isFresh(atMs) && waitingIn(rounds) >= manyWait)
  }

  async function describeOne(
    group: Group,
    what: Wanted,
    wait: Describing,
  ): Promise<GroupFacts | Failure> {
    const key = `${what} ${nameOf(group)}`
    const before = kept.get(key)
    const { rounds } = accounts.of(group.arn)
    if (before && isEnough(before.atMs, wait, rounds)) return before.facts
    const asked = await rounds.ask(key, wait, async () => {
      const { facts, missing } = await awsAs(group.role).describe(group.arn, [what], never)
      const [failure] = missing
      if (!failure) kept.set(key, { facts, atMs: clock.now() })
      return worked(failure ?? facts)
    })
    const answer = asked.kind === 'answer' ? asked.answer : noTurn
    return before && 'kind' in answer && isFresh(before.atMs) ? before.facts : answer
  }

  return {
    list: (group, wait) =>
      accounts.of(group.arn).rounds.ask(`list ${nameOf(group)}`, wait, async () => {
        const answer = await awsAs(group.role).list(group.arn, never)
        const isTruth = answer.kind === 'listing' || answer.kind === 'throttled'
        listed?.(group.arn, isTruth ? answer.kind : 'other')
        return worked(answer)
      }),
    async describe(group, wanted, wait) {
      return describedBy(await Promise.all(wanted.map((what) => describeOne(group, what, wait))))
    },
    async arnOf(name, role, wait) {
      const key = nameOf({ arn: name, role })
      const before = arns.get(key)
      if (before && isFresh(before.atMs)) return before.arn
      const asked = await accounts
        .of(name)
        .rounds.ask(`arn ${key}`, wait, async () =>
          worked(await awsAs(role).arnOf(name, role, never)),
        )
      if (asked.kind === 'no-turn') return noTurn
      const { answer } = asked
      if (typeof answer === 'string') arns.set(key, { arn: answer, atMs: clock.now() })
      return answer
    },
  }
}

/** For how many things somebody waits. */
function waitingIn(rounds: Rounds): number {
  return [...rounds.waiting().values()].filter((count) => count > 0).length
}

function worked<A extends object | string>(answer: A): Worked<A> {
  const isThrottled = typeof answer === 'object' && 'kind' in answer && answer.kind === 'throttled'
  return isThrottled ? { kind: 'again' } : { kind: 'answer', answer }
}

/** Whoever has waited in vain asks again: to the drain it is as if AWS itself had asked for patience. */
export const noTurn: Failure = {
  kind: 'throttled',
  said: 'the lookout: no turn yet: AWS allows no more calls, or others have waited for longer',
}

/** Tells groups apart: another role sees with other eyes. */
export function nameOf({ arn, role }: Group): string {
  return role ? `${arn} as ${role.arn} ${role.externalId ?? ''}` : arn
}
