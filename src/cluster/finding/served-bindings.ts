import type { Answer, KubernetesApi, Refusal } from '../api/kubernetes-api.ts'
import { nameOf, type Request } from '../api/request.ts'
import { type Binding, type BindingGroup, readBinding, readBindings } from '../objects/bindings.ts'
import { lacksResource, type ServedGroups } from './api-groups.ts'

/** What the API groups serve, should the API server not tell. */
const usualVersions = { 'elbv2.k8s.aws': 'v1beta1', 'eks.amazonaws.com': 'v1' } as const

/** What an API group has of a namespace's bindings. */
export interface ServedBindings {
  readonly bindings: readonly Binding[]
  /** Why there may be others. */
  readonly refused: readonly Refusal[]
  /** The named ones that may be there, and could not be read. */
  readonly unread: ReadonlyMap<string, Refusal>
}

/** The bindings of a namespace; where they cannot be listed, those that are named. */
export interface Wanted {
  readonly group: BindingGroup
  readonly namespace: string
  readonly named: readonly string[]
}

/** @param served The API groups that are installed; or why they are not known. */
export async function servedBindings(
  api: KubernetesApi,
  { group, namespace, named }: Wanted,
  served: ServedGroups | Refusal,
  signal: AbortSignal,
): Promise<ServedBindings> {
  const { versions, refused } = versionsOf(group, served)
  for (const version of versions) {
    const request = { group, version, namespace, resource: 'targetgroupbindings' }
    const listed = await api.ask({ ...request, verb: 'list' }, signal)
    const bindings = listed.kind === 'answer' ? readBindings(listed.body, group) : undefined
    if (bindings) return { bindings, refused: [], unread: new Map() }
    const refusal = refusalIn(listed, 'list targetgroupbindings: an answer that is not a list')
    // The group may not be installed; or not every version of it has the resource.
    const is404 = refusal.status === 404
    const lacks = is404 && (refused.length > 0 || (await lacksResource(api, request, signal)))
    if (!lacks) return getEach(api, request, named, refusal, signal)
  }
  const unread = new Map(named.flatMap((name) => refused.map((why) => [name, why])))
  return { bindings: [], refused, unread }
}

async function getEach(
  api: KubernetesApi,
  request: Omit<Request, 'verb' | 'name' | 'group'> & { readonly group: BindingGroup },
  named: readonly string[],
  refusal: Refusal,
  signal: AbortSignal,
): Promise<ServedBindings> {
  const bindings: Binding[] = []
  const unread = new Map<string, Refusal>()
  const gets = named.map((name): Request => ({ ...request, verb: 'get', name }))
  for (const [get, answer] of await together(gets, (get) => api.ask(get, signal))) {
    const binding = answer.kind === 'answer' ? readBinding(answer.body, request.group) : undefined
    const said = `${nameOf(get)}: an answer that is not a TargetGroupBinding`
    if (binding) bindings.push(binding)
    else if (answer.kind !== 'gone') unread.set(get.name ?? '', refusalIn(answer, said))
  }
  return { bindings, refused: [refusal], unread }
}

function refusalIn(answer: Answer | Refusal, said: string): Refusal {
  return answer.kind === 'answer' ? { kind: 'malformed', said } : answer
}

function together<A, B>(all: readonly A[], work: (one: A) => Promise<B>): Promise<[A, B][]> {
  return Promise.all(all.map(async (one): Promise<[A, B]> => [one, await work(one)]))
}

/** The versions to try; none where the group is not installed. `refused`: why there may be others. */
function versionsOf(
  group: BindingGroup,
  served: ServedGroups | Refusal,
): { versions: readonly string[]; refused: readonly Refusal[] } {
  if (served.kind === 'served') return { versions: served.versions.get(group) ?? [], refused: [] }
  return { versions: [usualVersions[group]], refused: [served] }
}
