import type { Clock } from '../clock.ts'
import type { Failure, Pod, PodSeen } from '../drain/ports.ts'
import type { KubernetesApi, Refusal } from './kubernetes-api.ts'
import { type PodObject, readPod } from './pod.ts'
import type { Request } from './request.ts'

/** Which pod we are in. */
export interface PodName {
  readonly namespace: string
  readonly name: string
}

/** The pod that we are in, as the API server shows it. */
export interface OwnPod extends Pod {
  /** Reads the pod anew. */
  read(signal: AbortSignal): Promise<PodObject | Failure>
  /** As it was last read. */
  last(): PodObject | undefined
}

export function createOwnPod(api: KubernetesApi, clock: Clock, pod: PodName): OwnPod {
  let last: PodObject | undefined
  // A deletion's end is fixed when it is first seen: read again it would be a second more or less.
  let end: { timestamp: string; atMs: number } | undefined

  async function read(signal: AbortSignal): Promise<PodObject | Refusal> {
    const askedAtMs = clock.now()
    const answer = await api.ask(podRequest(pod), signal)
    if (answer.kind !== 'answer') return answer
    const object = readPod(answer.body)
    if (!object) return { kind: 'malformed', said: 'get pods: an answer that is not a Pod' }
    // A StatefulSet gives the next pod the same name.
    if (last && last.uid !== object.uid) return gone
    last = object
    const { deletedByMs, deletionTimestamp: timestamp } = object
    if (timestamp && deletedByMs !== undefined && Number.isFinite(answer.serverMs)) {
      // By the server's clock against the server's clock: ours may be wrong by hours.
      const atMs = askedAtMs + deletedByMs - answer.serverMs
      if (end?.timestamp !== timestamp) end = { timestamp, atMs }
    }
    return object
  }

  function seen({ deletionTimestamp, gracePeriodMs, restartGraceMs }: PodObject): PodSeen {
    if (deletionTimestamp === undefined) {
      return { kind: 'pod', deletion: 'staying', graceMs: restartGraceMs }
    }
    return {
      ...{ kind: 'pod', deletion: 'deleting', graceMs: gracePeriodMs },
      ...(end === undefined ? {} : { graceEndsAtMs: end.atMs }),
    }
  }

  return {
    read,
    last: () => last,
    async look(signal) {
      const answer = await read(signal)
      if (!('kind' in answer)) return seen(answer)
      if (!last) return answer
      // It was there: it was deleted by force, and the kubelet gives its containers a second or two. A
      // token that is refused (401) proves less: its service account may have been made anew. A 404 that
      // is not the API server's proves nothing.
      if (answer.kind === 'gone') {
        return { kind: 'pod', deletion: 'deleted', graceEndsAtMs: clock.now() }
      }
      // A deletion is not taken back; but one may have come since.
      const { gracePeriodMs: graceMs, deletionTimestamp } = last
      const before: PodSeen = { kind: 'pod', deletion: 'cannot-tell', graceMs }
      return { ...answer, known: deletionTimestamp === undefined ? before : seen(last) }
    },
  }
}

const gone: Refusal = { kind: 'gone', said: 'get pods: another pod has this name now' }

export function podRequest({ namespace, name }: PodName): Request {
  return { verb: 'get', group: '', version: 'v1', namespace, resource: 'pods', name }
}
