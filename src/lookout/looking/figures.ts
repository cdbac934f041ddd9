import { readTargetGroupArn } from '../../aws/arn.ts'
import type { Clock } from '../../time/clock.ts'
import type { Accounts } from './accounts.ts'

/** What came of the calls about a group, since this lookout started. */
export interface GroupFigures {
  /** Its ARN. */
  readonly group: string
  readonly account: string
  readonly region: string
  /** How many pods wait for an answer about it. */
  readonly pods: number
  readonly listings: number
  readonly throttled: number
  /** Since the last answer, in milliseconds. */
  readonly lastAgoMs?: number
}

/** What came of all calls to an account and Region, since this lookout started. */
export interface BudgetFigures {
  readonly account: string
  readonly region: string
  /** How many this lookout allows itself at the moment. */
  readonly callsPerSecond: number
  readonly calls: number
  readonly throttled: number
  /** How many questions wait for their turn. */
  readonly waiting: number
}

/** Counts what comes of the listings of each group. */
export interface Figures {
  listed(group: string, answer: 'listing' | 'throttled' | 'other'): void
  groups(): readonly GroupFigures[]
  budgets(): readonly BudgetFigures[]
}

interface Counts {
  readonly listings: number
  readonly throttled: number
  readonly lastAtMs: number
}

/** A group that nobody has asked about for so long is not shown. Milliseconds. */
const shownMs = 15 * 60_000

export function createFigures(clock: Pick<Clock, 'now'>, accounts: Accounts): Figures {
  const counts = new Map<string, Counts>()

  function rowOf(group: string, { listings, throttled, lastAtMs }: Counts): GroupFigures {
    const { account = 'own', region = 'own' } = readTargetGroupArn(group) ?? {}
    // A group may be looked at with several roles.
    const names = [...accounts.of(group).rounds.waiting()]
    const its = names.filter(
      ([name]) => name === `list ${group}` || name.startsWith(`list ${group} `),
    )
    const pods = its.reduce((sum, [, waiting]) => sum + waiting, 0)
    const lastAgoMs = Math.round(clock.now() - lastAtMs)
    return { group, account, region, pods, listings, throttled, lastAgoMs }
  }

  return {
    listed(group, answer) {
      const before = counts.get(group) ?? { listings: 0, throttled: 0 }
      counts.set(group, {
        listings: before.listings + (answer === 'listing' ? 1 : 0),
        throttled: before.throttled + (answer === 'throttled' ? 1 : 0),
        lastAtMs: clock.now(),
      })
    },
    groups() {
      const now = clock.now()
      for (const [group, { lastAtMs }] of counts) {
        if (now - lastAtMs >= shownMs) counts.delete(group)
      }
      return [...counts].map(([group, one]) => rowOf(group, one))
    },
    budgets: () =>
      accounts.all().map(({ account, region, budget, counts: { calls, throttled }, rounds }) => ({
        ...{ account, region, calls, throttled, callsPerSecond: budget.perSecond() },
        waiting: [...rounds.waiting().values()].reduce((sum, one) => sum + one, 0),
      })),
  }
}
