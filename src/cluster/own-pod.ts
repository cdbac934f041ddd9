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

  async function read(signal: AbortSignal): Promise<(PodSeen & { object: PodObject }) | Refusal> {
    const askedAtMs = clock.now()
    const answer = await api.ask(podRequest(pod), signal)
    if (answer.kind !== 'answer') return answer
    const object = readPod(answer.body)
    if (!object) return { kind: 'malformed', said: 'get pods: an answer that is not a Pod' }
    // A StatefulSet gives the next pod the same name.
    if (last && last.uid !== object.uid) return { ...gone, status: 404 }
    last = object
    return { ...seen(object, answer.serverMs, askedAtMs), object }
  }

  function seen(object: PodObject, serverMs: number, askedAtMs: number): PodSeen {
    const { deletedByMs, deletionTimestamp = '', gracePeriodMs: graceMs } = object
    if (deletedByMs === undefined) return { kind: 'pod', deletion: 'staying', graceMs }
    if (end?.timestamp !== deletionTimestamp && Number.isFinite(serverMs)) {
      // By the server's clock against the server's clock: ours may be wrong by hours.
      end = { timestamp: deletionTimestamp, atMs: askedAtMs + deletedByMs - serverMs }
    }
    const graceEndsAtMs = end?.atMs
    return {
      ...{ kind: 'pod', deletion: 'deleting', graceMs },
      ...(graceEndsAtMs === undefined ? {} : { graceEndsAtMs }),
    }
  }

  return {
    last: () => last,
    async read(signal) {
      const answer = await read(signal)
      return answer.kind === 'pod' ? answer.object : answer
    },
    async look(signal) {
      const answer = await read(signal)
      if (answer.kind === 'pod') {
        const { object: _object, ...seen } = answer
        return seen
      }
      // It was there: it was deleted by force, and the kubelet gives its containers a second or two. A
      // token that is refused (401) proves less: its service account may have been made anew.
      if (last && answer.status === 404) {
        return { kind: 'pod', deletion: 'deleting', graceEndsAtMs: clock.now() }
      }
      return answer
    },
  }
}

const gone: Failure = { kind: 'gone', said: 'get pods: another pod has this name now' }

export function podRequest({ namespace, name }: PodName): Request {
  return { verb: 'get', group: '', version: 'v1', namespace, resource: 'pods', name }
}
