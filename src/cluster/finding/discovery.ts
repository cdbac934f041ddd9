import type { Failure } from '../../drain/ports.ts'
import type { Binding } from '../objects/bindings.ts'
import type { PodObject } from '../objects/pod.ts'
import type { ClaimedBinding, Discovery, Source } from './source.ts'

/** @param pod Or why it could not be read: then its bindings are those that were found before. */
export type Discover = (pod: PodObject | Failure, signal: AbortSignal) => Promise<Discovery>

/**
 * Finds the bindings of a pod, and keeps them: what was once found stays the pod's own: a rollout moves the Service's selector half a minute before it deletes the old
 * pods, which drain all that time (Argo Rollouts, scaleDownDelaySeconds); a label is taken off, a Service
 * deleted; or the API server does not answer.
 */
export function createDiscovery(source: Pick<Source, 'bindings'>): Discover {
  let known: readonly ClaimedBinding[] = []
  return async (pod, signal) => {
    if ('kind' in pod) {
      return { bindings: known, possible: [], services: [], missing: [pod], narrowed: [] }
    }
    const found = await source.bindings(pod, signal)
    const isFound = (one: Binding) => found.bindings.some((binding) => isSame(binding, one))
    // As long as something is missing, it may be the pod's as ever.
    const claim = found.missing.length > 0 ? undefined : ({ claim: 'once-bound' } as const)
    const before = known.filter((one) => !isFound(one)).map((one) => ({ ...one, ...claim }))
    known = [...found.bindings, ...before]
    const possible = found.possible.filter((one) => !known.some((binding) => isSame(binding, one)))
    return { ...found, bindings: known, possible }
  }
}

/** The controller fills in the ARN of a group that was only named. */
function isSame(one: Binding, other: Binding): boolean {
  const sameGroup = one.arn && other.arn ? one.arn === other.arn : nameIn(one) === nameIn(other)
  return one.apiGroup === other.apiGroup && one.name === other.name && sameGroup
}

function nameIn({ arn, groupName }: Binding): string | undefined {
  return arn?.split('/')[1] ?? groupName
}
