import type { Failure } from '../drain/ports.ts'
import { servedGroups } from './api-groups.ts'
import {
  type Binding,
  bindingGroups,
  gatedBindings,
  readServices,
  type ServiceObject,
  selects,
} from './bindings.ts'
import type { KubernetesApi, Refusal } from './kubernetes-api.ts'
import type { PodObject } from './pod.ts'
import type { Request } from './request.ts'
import { type ServedBindings, servedBindings, type Wanted } from './served-bindings.ts'

/** The bindings that register a pod, as far as they could be found. */
export interface Discovery {
  readonly bindings: readonly Binding[]
  /** The Services of the namespace that select the pod. */
  readonly services: readonly ServiceObject[]
  /** What may hide another binding, said so that it can be mended. */
  readonly missing: readonly Failure[]
  /** What is not known either, though the bindings can be believed without it. */
  readonly narrowed: readonly Failure[]
}

/** @param pod Or why it could not be read: then its bindings are those that were found before. */
export type Discover = (pod: PodObject | Failure, signal: AbortSignal) => Promise<Discovery>

/**
 * Finds the TargetGroupBindings that are about a pod: those that its readiness gates name, and those
 * of a Service that selects it; both, for a binding made after the pod is in no gate of it. What is
 * found is remembered for the time when the API server does not answer.
 */
export function createDiscovery(api: KubernetesApi): Discover {
  let known: readonly Binding[] = []
  return async (pod, signal) => {
    if ('kind' in pod) return { bindings: known, services: [], missing: [pod], narrowed: [] }
    const found = await discover(api, pod, signal)
    const mayBe = ({ name }: Binding) => found.missing.length > 0 || found.lost.includes(name)
    const isFound = ({ name }: Binding) => found.bindings.some((one) => one.name === name)
    const bindings = [
      ...found.bindings,
      ...known.filter((binding) => mayBe(binding) && !isFound(binding)),
    ]
    known = bindings
    const { lost: _lost, ...discovery } = found
    return { ...discovery, bindings }
  }
}

/** `lost`: the names of bindings that the pod's gates name, and that do not exist any more. */
async function discover(
  api: KubernetesApi,
  pod: PodObject,
  signal: AbortSignal,
): Promise<Discovery & { readonly lost: readonly string[] }> {
  const gated = gatedBindings(pod)
  const [services, served] = await Promise.all([
    listServices(api, pod, signal),
    findBindings(api, { namespace: pod.namespace, named: gated }, signal),
  ])
  const selecting = 'kind' in services ? [] : services.filter((one) => selects(one, pod))
  // Where Services may not be listed, and no gate tells, every binding may be about the pod.
  const any = 'kind' in services && services.kind === 'denied' && gated.length === 0
  const bindings = served
    .flatMap(({ bindings }) => bindings)
    .filter(
      ({ name, service }) =>
        any || gated.includes(name) || selecting.some((one) => one.name === service),
    )
  const { unread, lost } = gatesWithout(bindings, gated, served)
  const refused = [
    ...('kind' in services ? [services] : []),
    ...served.flatMap(({ refused }) => refused),
  ]
  // What is forbidden stays forbidden: it only narrows what is known, unless nothing is.
  const narrows = ({ kind }: Refusal) => kind === 'denied' && bindings.length > 0
  return {
    ...{ bindings, services: selecting, lost },
    missing: [...new Set([...refused.filter((one) => !narrows(one)), ...unread])],
    narrowed: [...refused.filter(narrows), ...lost.map(lostSaid)],
  }
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
