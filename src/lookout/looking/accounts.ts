import { readTargetGroupArn } from '../../aws/arn.ts'
import type { Clock } from '../../time/clock.ts'
import { type Budget, createBudget } from '../rounds/budget.ts'
import { createRounds, type Rounds } from '../rounds/rounds.ts'

/** The API of one account and Region: whoever asks it draws on one budget, and takes turns. */
export interface Account {
  readonly account: string
  readonly region: string
  readonly rounds: Rounds
  readonly budget: Budget
  /** How often it was called, and how often it refused. */
  readonly counts: { calls: number; throttled: number }
}

export interface Accounts {
  /** The one that a group is in. */
  of(group: string): Account
  all(): readonly Account[]
}

export interface AccountsDeps {
  readonly clock: Clock
  /** Calls a second, for all lookouts together. */
  readonly callsPerSecond: number
  /** How many lookouts there are. */
  readonly sharers: () => number
}

/** A group is listed at most once in this time, in milliseconds. */
const restMs = 1_000

export function createAccounts({ clock, callsPerSecond, sharers }: AccountsDeps): Accounts {
  const accounts = new Map<string, Account>()

  function create(account: string, region: string): Account {
    const counts = { calls: 0, throttled: 0 }
    const budget = createBudget({ perSecond: callsPerSecond, sharers })
    const counted: Budget = {
      ...budget,
      spend(now) {
        counts.calls += 1
        budget.spend(now)
      },
      throttled(now) {
        counts.throttled += 1
        budget.throttled(now)
      },
    }
    const rounds = createRounds({ clock, budget: counted, restMs })
    return { account, region, rounds, budget, counts }
  }

  return {
    of(group) {
      // Of a group that is only named, the account is that of whoever looks.
      const { account = 'own', region = 'own' } = readTargetGroupArn(group) ?? {}
      const key = `${account} ${region}`
      const found = accounts.get(key) ?? create(account, region)
      accounts.set(key, found)
      return found
    },
    all: () => [...accounts.values()],
  }
}
