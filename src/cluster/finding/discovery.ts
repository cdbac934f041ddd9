import type { Failure, FoundGroup } from '../../drain/ports.ts'
import type { KubernetesApi, Refusal } from '../api/kubernetes-api.ts'
import type { Request } from '../api/request.ts'
import {
  type Binding,
  bindingGroups,
  gatedBindings,
  readServices,
  type ServiceObject,
  selects,
  selectsOtherwise,
} from '../objects/bindings.ts'
import type { PodObject } from '../objects/pod.ts'
import { servedGroups } from './api-groups.ts'
import { type ServedBindings, servedBindings, type Wanted } from './served-bindings.ts'

/** The bindings that register a pod, as far as they could be found. */
export interface Discovery {
  readonly bindings: readonly ClaimedBinding[]
  /** The other bindings of the namespace that register pods: should the pod be in none of its own. */
  readonly possible: readonly ClaimedBinding[]
  /** The Services of the namespace that select the pod. */
  readonly services: readonly ServiceObject[]
  /** What may hide another binding, said so that it can be mended. */
  readonly missing: readonly Failure[]
  /** What is not known either, though the bindings can be believed without it. */
  readonly narrowed: readonly Failure[]
}

export interface ClaimedBinding extends Binding {
  /** Why it may be the pod's. */
  readonly claim: FoundGroup['claim']
}

/** @param pod Or why it could not be read: then its bindings are those that were found before. */
export type Discover = (pod: PodObject | Failure, signal: AbortSignal) => Promise<Discovery>

/**
 * Finds the TargetGroupBindings that are about a pod: those that its readiness gates name, and those
 * of a Service that selects it; both, for a binding made after the pod is in no gate of it. What was once
 * found stays the pod's own: a rollout moves the Service's selector half a minute before it deletes the old
 * pods, which drain all that time (Argo Rollouts, scaleDownDelaySeconds); a label is taken off, a Service
 * deleted; or the API server does not answer.
 */
export function createDiscovery(api: KubernetesApi): Discover {
  let known: readonly ClaimedBinding[] = []
  return async (pod, signal) => {
    if ('kind' in pod) {
      return { bindings: known, possible: [], services: [], missing: [pod], narrowed: [] }
    }
    const found = await discover(api, pod, signal)
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

async function discover(
  api: KubernetesApi,
  pod: PodObject,
  signal: AbortSignal,
): Promise<Discovery> {
  const gated = gatedBindings(pod)
  const [services, served] = await Promise.all([
    listServices(api, pod, signal),
    findBindings(api, { namespace: pod.namespace, named: gated }, signal),
  ])
  const listed = 'kind' in services ? undefined : services
  const all = served
    .flatMap(({ bindings }) => bindings)
    .map((binding) => ({
      ...binding,
      claim: claimOf(binding, pod, gated, listed),
    }))
  const bindings = all.filter(({ claim }) => claim !== 'possible')
  const possible = all.filter(
    ({ claim, targetType }) => claim === 'possible' && targetType !== 'instance',
  )
  const { unread, lost } = gatesWithout(bindings, gated, served)
  const refused = [
    ...('kind' in services ? [services] : []),
    ...served.flatMap(({ refused }) => refused),
  ]
  // What is forbidden stays forbidden: it only narrows what is known, unless nothing is.
  const isKnown = bindings.length > 0 || (possible.length > 0 && possible.length <= mostPossible)
  const narrows = ({ kind }: Refusal) => kind === 'denied' && isKnown
  return {
    ...{ bindings, possible, services: (listed ?? []).filter((one) => selects(one, pod)) },
    missing: [...new Set([...refused.filter((one) => !narrows(one)), ...unread])],
    narrowed: [...refused.filter(narrows), ...lost.map(lostSaid)],
  }
}

/** Each of those that nothing says are the pod's costs the API budget of the account a look. */
export const mostPossible = 10

function claimOf(
  { name, service }: Binding,
  pod: PodObject,
  gated: readonly string[],
  services: readonly ServiceObject[] | undefined,
): ClaimedBinding['claim'] {
  const its = services?.filter((one) => one.name === service)
  if (its?.some((one) => selects(one, pod))) return 'bound'
  // A gate stays when the Service selects the pod no longer, or is gone.
  if (gated.includes(name)) return its ? 'once-bound' : 'bound'
  return its?.some((one) => selectsOtherwise(one, pod)) ? 'once-bound' : 'possible'
}

/** What each API group has of them. */
async function findBindings(
  api: KubernetesApi,
  wanted: Omit<Wanted, 'group'>,
  signal: AbortSignal,
): Promise<ServedBindings[]> {
  const groups = await servedGroups(api, signal)
  return Promise.all(
    bindingGroups.map((group) => servedBindings(api, { ...wanted, group }, groups, signal)),
  )
}

/** Of the gates whose bindings were not found: which could not be read, and which do not exist. */
function gatesWithout(
  bindings: readonly Binding[],
  gated: readonly string[],
  served: readonly ServedBindings[],
): { unread: Refusal[]; lost: string[] } {
  const open = gated.filter((gate) => !bindings.some(({ name }) => name === gate))
  const refusals = (gate: string) => served.flatMap(({ unread }) => unread.get(gate) ?? [])
  return {
    unread: open.flatMap(refusals),
    lost: open.filter((gate) => refusals(gate).length === 0),
  }
}

function lostSaid(name: string): Failure {
  const said = `a readiness gate names TargetGroupBinding ${name}, which does not exist`
  return { kind: 'gone', said }
}

async function listServices(
  api: KubernetesApi,
  { namespace }: PodObject,
  signal: AbortSignal,
): Promise<ServiceObject[] | Refusal> {
  const request: Request = {
    ...{ verb: 'list', group: '', version: 'v1', resource: 'services' },
    namespace,
  }
  const answer = await api.ask(request, signal)
  if (answer.kind !== 'answer') return answer
  const said = 'list services: an answer that is not a list'
  return readServices(answer.body) ?? { kind: 'malformed', said }
}
