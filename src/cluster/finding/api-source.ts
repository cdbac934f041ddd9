import type { Clock, WallClock } from '../../time/clock.ts'
import type { KubernetesApi } from '../api/kubernetes-api.ts'
import type { PodName } from '../api/place.ts'
import type { Request } from '../api/request.ts'
import { type PodObject, readPod } from '../objects/pod.ts'
import { discover } from './discover.ts'
import { eventRequest } from './event.ts'
import type { PodAnswer, Source } from './source.ts'

export interface ApiSourceDeps {
  readonly api: KubernetesApi
  readonly clock: Clock
  readonly wallClock: WallClock
  readonly name: PodName
}

/** What the API server tells of a pod. */
export function createApiSource({ api, clock, wallClock, name }: ApiSourceDeps): Source {
  let last: PodObject | undefined
  async function pod(signal: AbortSignal): Promise<PodAnswer> {
    const answer = await askPod(api, clock, name, signal)
    if (!('kind' in answer.object)) last = answer.object
    return answer
  }
  return {
    pod,
    bindings: (object, signal) => discover(api, object, signal),
    async tell(event, signal) {
      // `kubectl describe pod` asks for events by the pod's uid.
      if (!last) await pod(signal)
      const answer = await api.ask(eventRequest(event, last ?? name, wallClock()), signal)
      return answer.kind === 'answer' ? undefined : answer
    },
  }
}

/** A pod as it is now. */
export async function askPod(
  api: KubernetesApi,
  clock: Pick<Clock, 'now'>,
  name: PodName,
  signal: AbortSignal,
): Promise<PodAnswer> {
  const askedAtMs = clock.now()
  const answer = await api.ask(podRequest(name), signal)
  if (answer.kind !== 'answer') return { object: answer, serverMs: Number.NaN, askedAtMs }
  const said = 'get pods: an answer that is not a Pod'
  const object = readPod(answer.body) ?? ({ kind: 'malformed', said } as const)
  return { object, serverMs: answer.serverMs, askedAtMs }
}

export function podRequest({ namespace, name }: PodName): Request {
  return { verb: 'get', group: '', version: 'v1', namespace, resource: 'pods', name }
}
