import { type Binding, type BindingGroup, readBinding, readBindings } from './bindings.ts'
import { listAt, textAt } from './json.ts'
import type { Answer, KubernetesApi, Refusal } from './kubernetes-api.ts'
import { nameOf, type Request } from './request.ts'

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
export async function servedBindings(
  api: KubernetesApi,
  group: BindingGroup,
  namespace: string,
  named: readonly string[],
  signal: AbortSignal,
): Promise<ServedBindings> {
  const { versions, refused } = await versionsOf(api, group, signal)
  for (const version of versions) {
    const request = { group, version, namespace, resource: 'targetgroupbindings' }
    const listed = await api.ask({ ...request, verb: 'list' }, signal)
    if (listed.kind === 'answer') {
      return { bindings: readBindings(listed.body, group), refused: [], unread: new Map() }
    }
    // Not every version of a group has the resource.
    if (listed.kind !== 'gone') return getEach(api, request, named, listed, signal)
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
    if (binding) bindings.push(binding)
    else if (answer.kind !== 'gone') unread.set(get.name ?? '', refusalIn(answer, nameOf(get)))
  }
  return { bindings, refused: [refusal], unread }
}

function refusalIn(answer: Answer | Refusal, what: string): Refusal {
  return answer.kind === 'answer'
    ? { kind: 'malformed', said: `${what}: an answer that is not a TargetGroupBinding` }
    : answer
}

function together<A, B>(all: readonly A[], work: (one: A) => Promise<B>): Promise<[A, B][]> {
  return Promise.all(all.map(async (one): Promise<[A, B]> => [one, await work(one)]))
}

/**
 * The versions in which an API group is served, the preferred one first; none where it is not
 * installed. `refused`: why there may be others.
 */
async function versionsOf(
  api: KubernetesApi,
  group: BindingGroup,
  signal: AbortSignal,
): Promise<{ versions: readonly string[]; refused: readonly Refusal[] }> {
  const answer = await api.get(`/apis/${group}`, signal)
  if (answer.kind === 'gone') return { versions: [], refused: [] }
  if (answer.kind !== 'answer') return { versions: [usualVersions[group]], refused: [answer] }
  const preferred = textAt(answer.body, 'preferredVersion', 'version')
  const served = listAt(answer.body, 'versions').flatMap((one) => textAt(one, 'version') ?? [])
  return { versions: [...new Set(preferred ? [preferred, ...served] : served)], refused: [] }
}
