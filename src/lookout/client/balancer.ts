import { numberAt } from '../../cluster/json.ts'
import type { Balancer, Described, Failure, Seen } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import { readDescribed, readFailure, readSeen } from '../wire/answers.ts'
import { longestPatienceMs } from '../wire/questions.ts'
import type { Ask } from './ask.ts'

export interface BalancerDeps {
  readonly ask: Ask
  readonly clock: Clock
  readonly fallbackMs: number
  /** Whom to ask when no lookout answers. */
  readonly otherwise: Balancer | undefined
}

/** The balancer port on the lookout. */
export function createBalancer({ ask, clock, fallbackMs, otherwise }: BalancerDeps): Balancer {
  // An answer, and be it that there was no turn, has to come well before its drain takes it for silence.
  const patienceMs = Math.min(longestPatienceMs, (fallbackMs * 2) / 3)
  return {
    async look(group, signal) {
      const asking = {
        ...{ question: 'look', thing: group, body: { group, patienceMs } },
        read: (answer: unknown) => readLook(answer, group),
      }
      const told = await ask(asking, signal)
      if (told.kind === 'unanswered') return otherwise?.look(group, signal) ?? told.failure
      const { answer, askedAtMs } = told
      if (answer.againInMs)
        await clock.sleepUntil(clock.now() + Math.min(answer.againInMs, patienceMs), signal)
      return { ...answer.look, askedAtMs }
    },
    async describe(group, wanted, signal) {
      const asking = {
        question: 'describe',
        thing: group,
        body: { group, wanted },
        read: readDescription,
      }
      const told = await ask(asking, signal)
      if (told.kind === 'told') return told.answer
      return otherwise?.describe(group, wanted, signal) ?? undescribed(told.failure)
    },
  }
}

interface Look {
  readonly look: Seen | Failure
  /** A lookout that has too many who wait has them wait by themselves. */
  readonly againInMs?: number | undefined
}

function readLook(answer: unknown, group: string): Look | undefined {
  const look = readSeen(answer, group) ?? readFailure(answer)
  return look && { look, againInMs: numberAt(answer, 'againInMs') }
}

function readDescription(answer: unknown): Described | undefined {
  const failure = readFailure(answer)
  return failure ? undescribed(failure) : readDescribed(answer)
}

function undescribed(failure: Failure): Described {
  return { kind: 'described', facts: {}, missing: [failure] }
}
