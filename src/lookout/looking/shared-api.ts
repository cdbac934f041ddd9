import type { Answer, KubernetesApi, Refusal } from '../../cluster/api/kubernetes-api.ts'
import { pathOf } from '../../cluster/api/request.ts'
import type { Clock } from '../../time/clock.ts'
import { createRounds } from '../rounds/rounds.ts'

/** How long after a read of a path its next one may begin, in milliseconds. */
const restMs = 200
/** The API server answers, or does not, in less. Milliseconds. */
const patienceMs = 8_000
/** It has its own means against those who ask too much (API priority and fairness). */
const unbounded = { nextMs: () => -Infinity, spend: () => undefined, throttled: () => undefined }

const never = new AbortController().signal

/** The API server, where all who read a path before it is read share what is read. */
export function createSharedApi(api: KubernetesApi, clock: Clock): KubernetesApi {
  const rounds = createRounds({ clock, budget: unbounded, restMs })
  async function read(
    path: string,
    signal: AbortSignal,
    work: () => Promise<Answer | Refusal>,
  ): Promise<Answer | Refusal> {
    const asked = await rounds.ask(path, { patienceMs, signal }, async () => ({
      ...{ kind: 'answer', answer: await work() },
    }))
    if (asked.kind === 'answer') return asked.answer
    return { kind: 'unreachable', said: `${path}: the API server has not answered the lookout` }
  }
  return {
    ask(request, signal) {
      if (request.verb === 'create') return api.ask(request, signal)
      // Whoever asked first may hang up before the others.
      return read(pathOf(request), signal, () => api.ask(request, never))
    },
    get: (path, signal) => read(path, signal, () => api.get(path, never)),
  }
}
