import { numberAt } from '../../cluster/json.ts'
import type { Balancer, Described, Failure, Seen } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import { readDescribed, readFailure, readSeen } from '../wire/answers.ts'
import type { Ask } from './ask.ts'
import { lostIn, patienceWithin } from './patience.ts'
import { createSilence, type SilenceDeps } from './silence.ts'

export interface BalancerDeps extends SilenceDeps {
  readonly ask: Ask
  readonly clock: Clock
  /** Whom to ask when no lookout answers. */
  readonly otherwise: Balancer | undefined
}

/**
 * Of a lookout that was away it has to be heard soon that it is back, though everybody waits for a turn by then: the
 * drain takes that wait for more of the same silence. Milliseconds.
 */
const backMs = 1_000
/** Between two questions of which none had a turn. Milliseconds. */
const leastMs = 1_000

/** The balancer port on the lookout. */
export function createBalancer(deps: BalancerDeps): Balancer {
  const { ask, clock, fallbackMs, otherwise } = deps
  const longestMs = patienceWithin(fallbackMs)
  const silence = createSilence(deps)

  return {
    async look(group, signal) {
      const patienceMs = silence.of(group) ? backMs : longestMs
      const asking = {
        ...{ question: 'look', thing: group },
        body: (forMs: number) => ({ group, patienceMs: Math.max(backMs, patienceMs - forMs) }),
        read: (answer: unknown) => readLook(answer, group),
        lost: ({ look }: Look) => lostIn([look]),
      }
      const sentAtMs = clock.now()
      const told = await ask(asking, signal)
      const answer = told.kind === 'told' ? told.answer : { look: told.failure }
      const silenceOf = silence.heard(group, sentAtMs, lostIn([answer.look]))
      if (otherwise && silenceOf === 'own-turn') {
        const askedAtMs = clock.now()
        const own = await otherwise.look(group, signal)
        silence.looked(group, own)
        return { ...own, askedAtMs }
      }
      await rest(answer.look, answer.againInMs, sentAtMs, signal)
      return told.kind === 'told' ? { ...answer.look, askedAtMs: told.askedAtMs } : answer.look
    },
    async describe(group, wanted, signal) {
      const asking = {
        ...{ question: 'describe', thing: group, read: readDescription },
        body: (forMs: number) => ({ group, wanted, patienceMs: Math.max(0, longestMs - forMs) }),
      }
      const sentAtMs = clock.now()
      const told = await ask(asking, signal)
      // The looks tell of the silence: who may not describe is answered all the same.
      const isLost = told.kind === 'unanswered' || lostIn(told.answer.missing) !== undefined
      if (otherwise && isLost && silence.looksItself(group))
        return otherwise.describe(group, wanted, signal)
      const described = told.kind === 'told' ? told.answer : undescribed(told.failure)
      for (const one of described.missing) await rest(one, undefined, sentAtMs, signal)
      return described
    },
  }

  /** Its drain asks again at once: what was refused without a wait has to wait here. */
  async function rest(
    { kind }: Seen | Failure,
    againInMs: number | undefined,
    sentAtMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (kind !== 'throttled') return
    const untilMs = Math.max(sentAtMs + leastMs, clock.now() + Math.min(againInMs ?? 0, longestMs))
    await clock.sleepUntil(untilMs, signal)
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
