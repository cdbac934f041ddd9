import type { Failure } from '../../drain/ports.ts'
import type { Request } from './request.ts'

/** An answer of the Kubernetes API that is one. */
export interface Answer {
  readonly kind: 'answer'
  /** What the JSON says; nothing of it is certain. */
  readonly body: unknown
  /** The API server's own time, in milliseconds since 1970, to the second; NaN when it gave none. */
  readonly serverMs: number
}

/** No answer, and why; `status` when there was one all the same. */
export type Refusal = Failure & {
  readonly status?: number
}

/** The Kubernetes API. Never rejects, and each question ends by itself or when `signal` aborts. */
export interface KubernetesApi {
  ask(request: Request, signal: AbortSignal): Promise<Answer | Refusal>
  /** A path that is no object: the discovery of an API group. */
  get(path: string, signal: AbortSignal): Promise<Answer | Refusal>
}
