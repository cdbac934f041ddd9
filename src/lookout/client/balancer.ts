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
      const patienceMs = silence.of(group) ? Math.min(backMs, longestMs) : longestMs
      const asking = {
        ...{ question: 'look', thing: group, body: { group, patienceMs } },
        read: (answer: unknown) => readLook(answer, group),
        lost: ({ look }: Look) => lostIn([look]),
      }
      const sentAtMs = clock.now()
      const told = await ask(asking, signal)
      const lost = told.kind === 'unanswered' ? told.failure : told.lost
      if (silence.heard(group, sentAtMs, lost) === 'own-turn' && otherwise) {
        const askedAtMs = clock.now()
        return { ...(await otherwise.look(group, signal)), askedAtMs, by: 'itself' }
      }
      if (told.kind === 'unanswered') return told.failure
      const { answer, askedAtMs } = told
      const pauseMs = Math.min(answer.againInMs ?? 0, longestMs)
      if (pauseMs > 0) await clock.sleepUntil(clock.now() + pauseMs, signal)
      // Its drain asks again at once: what was refused without a wait has to wait here.
      if (answer.look.kind === 'throttled') await clock.sleepUntil(sentAtMs + leastMs, signal)
      return { ...answer.look, askedAtMs }
    },
    async describe(group, wanted, signal) {
      const asking = {
        ...{ question: 'describe', thing: group, read: readDescription },
        body: { group, wanted, patienceMs: longestMs },
        lost: ({ missing }: Described) => lostIn(missing),
      }
      const sentAtMs = clock.now()
      const told = await ask(asking, signal)
      const lost = told.kind === 'unanswered' ? told.failure : told.lost
      if (silence.heard(group, sentAtMs, lost) === 'own-turn' && otherwise) {
        return otherwise.describe(group, wanted, signal)
      }
      return told.kind === 'told' ? told.answer : undescribed(told.failure)
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
