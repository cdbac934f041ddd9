import type { AwsBalancer } from '../../src/aws/balancer.ts'
import { createAccounts } from '../../src/lookout/looking/accounts.ts'
import { createGroups, type Groups } from '../../src/lookout/looking/groups.ts'
import { mostWaiting, tooMany } from '../../src/lookout/server/app.ts'
import { type AnswerQuestion, createQuestions } from '../../src/lookout/server/questions.ts'
import type { Reply } from '../../src/lookout/wire/answers.ts'
import type { Question } from '../../src/lookout/wire/questions.ts'
import { createWorldBalancer } from './balancer.ts'
import { callsPerSecond } from './draingate.ts'
import type { Common } from './wait.ts'

/** One lookout, which may be away. */
export interface Stand {
  /** It answers, as one that was just started; resolves when it knows the delay of every group. */
  up(): Promise<void>
  /** Breaks off with whoever waits. */
  down(): void
  /** Undefined: the connection is refused, or breaks. */
  answer(podIp: string, question: Question, signal: AbortSignal): Promise<Reply<object> | undefined>
}

interface Life {
  readonly answer: AnswerQuestion
  readonly over: AbortController
  waiting: number
}

export function createStand(common: Common, sharers: number): Stand {
  let life: Life | undefined
  return {
    async up() {
      const groups = createGroupsIn(common, sharers)
      const answer = createQuestions({ clock: common.clock, groups, namespaces, pods })
      life = { answer, over: new AbortController(), waiting: 0 }
      await foresee(common, groups, life.over.signal)
    },
    down() {
      life?.over.abort()
      life = undefined
    },
    async answer(podIp, question, signal) {
      const its = life
      if (!its) return undefined
      if (its.waiting >= mostWaiting) return tooMany
      its.waiting += 1
      const caller = { namespace: 'fleet', name: podIp, uid: podIp }
      const reply = await its.answer(caller, question, AbortSignal.any([signal, its.over.signal]))
      its.waiting -= 1
      return its.over.signal.aborted ? undefined : reply
    },
  }
}

function createGroupsIn({ clock, api }: Common, sharers: number): Groups {
  const accounts = createAccounts({ clock, callsPerSecond, sharers: () => sharers })
  const aws: AwsBalancer = {
    ...createWorldBalancer(api, []),
    arnOf: async () => unasked,
    identity: async () => unasked,
  }
  return createGroups({ clock, accounts, awsAs: () => aws })
}

/** It describes one group after the other (src/lookout/looking/foresight.ts). */
async function foresee({ groups: arns }: Common, groups: Groups, signal: AbortSignal) {
  for (const arn of arns) {
    if (signal.aborted) return
    await groups.describe({ arn }, ['delay'], { patienceMs: 20_000, signal })
  }
}

const unasked = { kind: 'malformed', said: 'nobody asks that here' } as const

/** The cluster answers at once: what is measured is the balancer's API. */
const namespaces = {
  groupOf: async (_namespace: string, arn: string) => ({ arn }),
  seen: () => undefined,
}
const pods = {
  ipsOf: async ({ name }: { name: string }) => [name],
  read: async () => unasked,
  search: async () => unasked,
  tell: async () => unasked,
}
