import type { Failure, Pod, PodSeen } from '../../drain/ports.ts'
import type { Clock } from '../../time/clock.ts'
import type { Refusal } from '../api/kubernetes-api.ts'
import { callOf } from '../hooks/call.ts'
import type { PodObject } from '../objects/pod.ts'
import type { Source } from './source.ts'

/** The pod that we are in, as the API server shows it. */
export interface OwnPod extends Pod {
  /** Reads the pod anew. */
  read(signal: AbortSignal): Promise<PodObject | Failure>
  /** As it was last read. */
  last(): PodObject | undefined
}

/** @param port Where hooks are answered: tells which of them are ours. */
export function createOwnPod(source: Pick<Source, 'pod'>, clock: Clock, port: number): OwnPod {
  let last: PodObject | undefined
  // A deletion's end is fixed when it is first seen: read again it would be a second more or less. A second
  // deletion makes it sooner, and is no other beginning.
  let end: { timestamp: string; atMs: number } | undefined
  let deletedAtMs: number | undefined

  async function read(signal: AbortSignal): Promise<PodObject | Refusal> {
    const { object, serverMs, askedAtMs } = await source.pod(signal)
    if ('kind' in object) return object
    // A StatefulSet gives the next pod the same name.
    if (last && last.uid !== object.uid) return gone
    last = object
    const { deletedByMs, deletionTimestamp: timestamp, gracePeriodMs } = object
    if (timestamp && deletedByMs !== undefined && Number.isFinite(serverMs)) {
      // By the server's clock against the server's clock: ours may be wrong by hours.
      const atMs = askedAtMs + deletedByMs - serverMs
      if (end?.timestamp !== timestamp) end = { timestamp, atMs }
      deletedAtMs ??= atMs - (object.deletionGraceMs ?? gracePeriodMs)
    }
    return object
  }

  function seen(object: PodObject): PodSeen {
    const { deletionTimestamp, disrupted, gracePeriodMs, ready } = object
    if (deletionTimestamp !== undefined) {
      return {
        ...{ kind: 'pod', deletion: 'deleting', graceMs: gracePeriodMs, ready },
        ...(end === undefined ? {} : { graceEndsAtMs: end.atMs }),
        ...(deletedAtMs === undefined ? {} : { deletedAtMs }),
      }
    }
    return disrupted === 'by-kubelet'
      ? { kind: 'pod', deletion: 'ending', graceMs: gracePeriodMs, ready }
      : { kind: 'pod', deletion: 'staying', graceMs: restartGraceOf(object, port), ready }
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
      // A deletion is not taken back, nor what a kubelet ends; but either may have come since.
      const known = seen(last)
      if (known.deletion !== 'staying') return { ...answer, known }
      return {
        ...answer,
        known: { kind: 'pod', deletion: 'cannot-tell', graceMs: last.gracePeriodMs },
      }
    },
  }
}

/**
 * How long a hook may be held for a container that is restarted: a probe's own grace period may be shorter
 * than the pod's. Only a container whose hook comes to us is held, and so only its probes count.
 */
function restartGraceOf(pod: PodObject, port: number): number {
  const held = pod.containers.filter((one) => callOf(one, pod, port).kind === 'held')
  const ownMs = held.map(({ probeGraceMs = Infinity }) => probeGraceMs)
  return Math.min(pod.gracePeriodMs, ...ownMs)
}

const gone: Refusal = { kind: 'gone', said: 'get pods: another pod has this name now' }
