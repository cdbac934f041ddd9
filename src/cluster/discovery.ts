import type { Failure } from '../drain/ports.ts'
import {
  type Binding,
  gatedBindings,
  readBinding,
  readBindings,
  readServices,
  type ServiceObject,
  selects,
} from './bindings.ts'
import { listAt, textAt } from './json.ts'
import type { Answer, KubernetesApi, Refusal } from './kubernetes-api.ts'
import type { PodObject } from './pod.ts'
import type { Request } from './request.ts'

/** The bindings that register a pod, as far as they could be found. */
export interface Discovery {
  readonly bindings: readonly Binding[]
  /** The Services of the namespace that select the pod. */
  readonly services: readonly ServiceObject[]
  /** What kept it from being a whole one, said so that it can be mended. */
  readonly missing: readonly Failure[]
}

/** The API groups of TargetGroupBinding: the AWS Load Balancer Controller's, and EKS Auto Mode's. */
const bindingGroups = ['elbv2.k8s.aws', 'eks.amazonaws.com'] as const
/** What they serve, should the API server not tell. */
const usualVersions = { 'elbv2.k8s.aws': 'v1beta1', 'eks.amazonaws.com': 'v1' } as const

/**
 * Finds the TargetGroupBindings that are about a pod: those that its readiness gates name, and those
 * of a Service that selects it. Both, for a binding made after the pod is in no gate of it. Where
 * Services may not be listed, every binding of the namespace may be about it.
 */
export async function discover(
  api: KubernetesApi,
  pod: PodObject,
  signal: AbortSignal,
): Promise<Discovery> {
  const gated = gatedBindings(pod)
  const [services, ...listings] = await Promise.all([
    listServices(api, pod, signal),
    ...bindingGroups.map((group) => bindingsOf(api, group, pod.namespace, gated, signal)),
  ])
  const refused = 'kind' in services ? [services] : []
  const selecting = 'kind' in services ? [] : services.filter((one) => selects(one, pod))
  const isAbout = ({ name, service }: Binding) =>
    gated.includes(name) ||
    refused.length > 0 ||
    selecting.some((selected) => selected.name === service)
  return {
    bindings: listings.flatMap(({ bindings }) => bindings).filter(isAbout),
    services: selecting,
    missing: [...refused, ...listings.flatMap(({ missing }) => missing)],
  }
}

/** The bindings of a namespace; where they may not be listed, those that the gates name. */
async function bindingsOf(
  api: KubernetesApi,
  group: (typeof bindingGroups)[number],
  namespace: string,
  gated: readonly string[],
  signal: AbortSignal,
): Promise<{ bindings: Binding[]; missing: Refusal[] }> {
  const version = await servedVersion(api, group, signal)
  // The group is not installed, or without the resource: no error.
  if (version === undefined) return { bindings: [], missing: [] }
  const request = { group, version, namespace, resource: 'targetgroupbindings' }
  const listed = await api.ask({ ...request, verb: 'list' }, signal)
  if (listed.kind === 'answer') return { bindings: readBindings(listed.body), missing: [] }
  if (listed.kind === 'gone') return { bindings: [], missing: [] }
  const answers = await Promise.all(
    gated.map((name) => api.ask({ ...request, verb: 'get', name }, signal)),
  )
  const bindings = answers.flatMap((one) =>
    one.kind === 'answer' ? (readBinding(one.body) ?? []) : [],
  )
  const refused = answers.filter(isRefusal).filter(({ kind }) => kind !== 'gone')
  return { bindings, missing: [listed, ...refused] }
}

const isRefusal = (answer: Answer | Refusal): answer is Refusal => answer.kind !== 'answer'

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
  return answer.kind === 'answer' ? readServices(answer.body) : answer
}

/** The version in which an API group is served; undefined where it is not installed. */
async function servedVersion(
  api: KubernetesApi,
  group: (typeof bindingGroups)[number],
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await api.get(`/apis/${group}`, signal)
  if (answer.kind === 'gone') return undefined
  if (answer.kind !== 'answer') return usualVersions[group]
  const versions = listAt(answer.body, 'versions').flatMap((one) => textAt(one, 'version') ?? [])
  const preferred = textAt(answer.body, 'preferredVersion', 'version')
  return preferred ?? versions[0] ?? usualVersions[group]
}
