import type { Failure } from '../../drain/ports.ts'
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
import type { ClaimedBinding, Discovery } from './source.ts'

/**
 * The TargetGroupBindings that are about a pod as they are now: those that its readiness gates name, and those
 * of a Service that selects it; both, for a binding made after the pod is in no gate of it.
 */
export async function discover(
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

/** What each API group has of them; of all namespaces, where none is named. */
export async function findBindings(
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
