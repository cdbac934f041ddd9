import type { Clock, WallClock } from '../time/clock.ts'
import type { KubernetesApi, Refusal } from './api/kubernetes-api.ts'
import type { PodName } from './api/place.ts'
import type { Request } from './api/request.ts'
import type { OwnPod } from './finding/own-pod.ts'

/** What `kubectl describe pod` shows of a drain. */
export interface PodEvent {
  readonly reason:
    | 'DrainStarted'
    | 'Drained'
    | 'DrainDeadlineExceeded'
    | 'DrainFallback'
    | 'DrainUnregistered'
    | 'MisconfiguredGracePeriod'
  readonly type: 'Normal' | 'Warning'
  readonly message: string
}

export interface Events {
  /** Tells the pod's cluster, without waiting and without a second try; the same reason once a minute. */
  emit(event: PodEvent): void
  /** Resolves when all of them have been told, or could not be; after a second at the latest. */
  told(): Promise<void>
}

export interface EventsDeps {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly wallClock: WallClock
  readonly name: PodName
  readonly pod: OwnPod
  /** Hears of the first one that could not be told, and of no other. */
  readonly untold: (refusal: Refusal) => void
}

/** The API server refuses longer ones (k8s.io/api, core/v1 Event validation). */
const longestMessage = 1_024
const patienceMs = 1_000
/** Whoever calls hooks of a pod that cannot be told to stay ends one drain after the other. */
const againMs = 60_000

export function createEvents(deps: EventsDeps): Events {
  const { api, clock, pod, untold } = deps
  const pending = new Set<Promise<void>>()
  const emitted = new Map<string, number>()
  let complained = false
  async function post(event: PodEvent): Promise<void> {
    const { signal } = new AbortController()
    // `kubectl describe pod` asks for events by the pod's uid.
    if (!pod.last()) await pod.read(signal)
    const answer = await api.ask(requestOf(event, deps), signal)
    if (answer.kind === 'answer' || complained) return
    complained = true
    untold(answer)
  }
  return {
    emit(event) {
      // Of two groups that need more time, each says how much.
      const key = event.reason === 'MisconfiguredGracePeriod' ? event.message : event.reason
      if (clock.now() - (emitted.get(key) ?? -Infinity) < againMs) return
      emitted.set(key, clock.now())
      const posting = post(event).finally(() => pending.delete(posting))
      pending.add(posting)
    },
    async told() {
      const enough = new AbortController()
      const late = clock.sleepUntil(clock.now() + patienceMs, enough.signal)
      await Promise.race([Promise.all(pending), late])
      enough.abort()
    },
  }
}

function requestOf(event: PodEvent, { name, pod, wallClock }: EventsDeps): Request {
  const { reason, type, message } = event
  const { uid, node } = pod.last() ?? {}
  const now = wallClock()
  return {
    ...{ verb: 'create', group: '', version: 'v1', resource: 'events' },
    namespace: name.namespace,
    body: {
      ...{ apiVersion: 'v1', kind: 'Event' },
      metadata: { generateName: `${name.name}.`, namespace: name.namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', ...name, ...(uid ? { uid } : {}) },
      ...{ reason, type, message: shortened(message) },
      // To the second: metav1.Time takes no more.
      firstTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      lastTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      count: 1,
      source: { component: 'draingate', ...(node ? { host: node } : {}) },
      ...{ reportingComponent: 'draingate', reportingInstance: name.name },
    },
  }
}

function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message
}
