import type { Refusal } from '../../cluster/api/kubernetes-api.ts'
import type { Discovery, PodAnswer, Source } from '../../cluster/finding/source.ts'
import { numberAt, textAt } from '../../cluster/json.ts'
import type { Failure } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import { readFailure } from '../wire/answers.ts'
import { readDiscovery } from '../wire/discovery.ts'
import { readPodTold } from '../wire/pod.ts'
import type { Ask, Told, Unanswered } from './ask.ts'
import { lostIn, patienceWithin } from './patience.ts'

export interface SourceDeps {
  readonly ask: Ask
  readonly clock: Clock
  readonly fallbackMs: number
  /** Whom to ask when no lookout answers. */
  readonly otherwise: Source | undefined
}

/** What the lookout tells of the pod. Questions of one kind go to one lookout, which asks for many of them at once. */
export function createSource({ ask, clock, fallbackMs, otherwise }: SourceDeps): Source {
  const patienceMs = patienceWithin(fallbackMs)
  return {
    async pod(signal) {
      const lost = ({ object }: Omit<PodAnswer, 'askedAtMs'>) =>
        'kind' in object ? lostIn([object]) : undefined
      const asking = {
        question: 'pod',
        thing: 'cluster',
        body: () => ({}),
        read: readPodAnswer,
        lost,
      }
      const told = await ask(asking, signal)
      if (otherwise && !isAnswered(told)) return otherwise.pod(signal)
      if (told.kind === 'told') return { ...told.answer, askedAtMs: told.askedAtMs }
      return { ...unread(told.failure), askedAtMs: clock.now() }
    },
    async bindings(pod, signal) {
      const lost = ({ missing }: Discovery) => lostIn(missing)
      const asking = {
        question: 'search',
        thing: 'cluster',
        body: (forMs: number) => ({ patienceMs: Math.max(0, patienceMs - forMs) }),
        read: readSearch,
        lost,
      }
      const told = await ask(asking, signal)
      if (otherwise && !isAnswered(told)) return otherwise.bindings(pod, signal)
      return told.kind === 'told' ? told.answer : unsearched(told.failure)
    },
    async tell(event, signal) {
      const asking = { question: 'event', thing: 'cluster', body: () => event, read: readTold }
      const told = await ask(asking, signal)
      if (told.kind === 'unanswered')
        return otherwise ? otherwise.tell(event, signal) : told.failure
      return told.answer === 'told' ? undefined : told.answer
    },
  }
}

function isAnswered(told: Told<unknown> | Unanswered): boolean {
  return told.kind === 'told' && !told.lost
}

function readPodAnswer(answer: unknown): Omit<PodAnswer, 'askedAtMs'> | undefined {
  const refusal = readRefusal(answer)
  return refusal ? unread(refusal) : readPodTold(answer)
}

function unread(object: Refusal): Omit<PodAnswer, 'askedAtMs'> {
  return { object, serverMs: Number.NaN }
}

function readRefusal(answer: unknown): Refusal | undefined {
  const failure = readFailure(answer)
  const status = numberAt(answer, 'status')
  return failure && { ...failure, ...(status === undefined ? {} : { status }) }
}

function readSearch(answer: unknown): Discovery | undefined {
  const failure = readFailure(answer)
  return failure ? unsearched(failure) : readDiscovery(answer)
}

function unsearched(failure: Failure): Discovery {
  return { bindings: [], possible: [], services: [], missing: [failure], narrowed: [] }
}

function readTold(answer: unknown): 'told' | Refusal | undefined {
  return textAt(answer, 'kind') === 'told' ? 'told' : readRefusal(answer)
}
