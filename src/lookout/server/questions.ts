import type { Refusal } from '../../cluster/api/kubernetes-api.ts'
import type { Described, Failure, Seen } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import { type Group, type Groups, noTurn } from '../looking/groups.ts'
import type { Namespaces } from '../looking/namespaces.ts'
import type { Caller, Pods } from '../looking/pods.ts'
import type { Wait } from '../rounds/rounds.ts'
import type { Reply } from '../wire/answers.ts'
import { tellDiscovery } from '../wire/discovery.ts'
import type { Question } from '../wire/questions.ts'

/** Answers a question for the pod that asks it. Does not reject. */
export type AnswerQuestion = (
  caller: Caller,
  question: Question,
  signal: AbortSignal,
) => Promise<Reply<object>>

export interface QuestionsDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly groups: Groups
  readonly namespaces: Namespaces
  readonly pods: Pods
}

export function createQuestions({
  clock,
  groups,
  namespaces,
  pods,
}: QuestionsDeps): AnswerQuestion {
  async function look(caller: Caller, arn: string, wait: Wait): Promise<Reply<Seen | Failure>> {
    const askedAtMs = clock.now()
    const [group, ips] = await Promise.all([
      namespaces.groupOf(caller.namespace, arn),
      pods.ipsOf(caller, 'known', wait.signal),
    ])
    if (!isGroup(group)) return { answer: notOfTheGroup(group) }
    if ('kind' in ips) return { answer: notOfTheGroup(ips) }
    if (ips.length === 0) return { answer: noAddress }
    const readMs = clock.now() - askedAtMs
    const patienceMs = wait.patienceMs - readMs
    const asked = await groups.list(group, { ...wait, patienceMs })
    if (asked.kind === 'no-turn') return { answer: noTurn }
    const { answer: listing } = asked
    const waitedMs = Math.floor(readMs + asked.waitedMs)
    if (listing.kind !== 'listing') return { answer: listing, waitedMs }
    const seen = listing.of(ips)
    if (seen.sightings.length > 0) return { answer: seen, waitedMs }
    // Before it is told that it is not there: under which address?
    const newer = await pods.ipsOf(caller, 'newer', wait.signal)
    return { answer: 'kind' in newer ? seen : listing.of([...ips, ...newer]), waitedMs }
  }

  async function describe(
    { namespace }: Caller,
    { group: arn, wanted }: Question & { kind: 'describe' },
    wait: Wait,
  ): Promise<Described> {
    const group = await namespaces.groupOf(namespace, arn)
    if (isGroup(group)) return groups.describe(group, wanted, wait)
    return { kind: 'described', facts: {}, missing: [notOfTheGroup(group)] }
  }

  return async (caller, question, signal) => {
    switch (question.kind) {
      case 'look':
        return look(caller, question.group, { patienceMs: question.patienceMs, signal })
      case 'describe':
        return {
          answer: await describe(caller, question, { patienceMs: question.patienceMs, signal }),
        }
      case 'pod':
        return { answer: await pods.read(caller, signal) }
      case 'search': {
        const found = await pods.search(caller, { patienceMs: question.patienceMs, signal })
        return { answer: isRefusal(found) ? found : tellDiscovery(found) }
      }
      case 'event': {
        const told = await pods.tell(caller, question.event, signal)
        return { answer: told === 'told' ? { kind: told } : told }
      }
    }
  }
}

/** With no address every listing would look as if the pod were not in it. */
const noAddress: Failure = { kind: 'malformed', said: 'the pod has no address yet' }

/** `gone` says to a drain that there is no such group any more; a pod that is gone says nothing of its group. */
function notOfTheGroup({ kind, said }: Failure): Failure {
  return { kind: kind === 'gone' ? 'malformed' : kind, said }
}

function isGroup(group: Group | Failure): group is Group {
  return 'arn' in group
}

function isRefusal(found: object): found is Refusal {
  return 'said' in found
}
