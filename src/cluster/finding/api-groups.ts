import type { KubernetesApi, Refusal } from '../api/kubernetes-api.ts'
import { listAt, textAt } from '../json.ts'

/** The API groups that are installed, each with its versions, the preferred one first. */
export interface ServedGroups {
  readonly kind: 'served'
  readonly versions: ReadonlyMap<string, readonly string[]>
}

/**
 * Asks for all API groups, which everybody may whom the API server knows (the ClusterRole
 * `system:discovery`). Not for each of them: one that is not installed is answered with the plain 404 of
 * any server written in Go, and a proxy that has lost its way would pass for a cluster without bindings.
 */
export async function servedGroups(
  api: KubernetesApi,
  signal: AbortSignal,
): Promise<ServedGroups | Refusal> {
  const answer = await api.get('/apis', signal)
  if (answer.kind !== 'answer') return answer
  const groups = listAt(answer.body, 'groups').map((group) => ({
    name: textAt(group, 'name'),
    preferred: textAt(group, 'preferredVersion', 'version'),
    served: listAt(group, 'versions').flatMap((one) => textAt(one, 'version') ?? []),
  }))
  const versions = new Map<string, readonly string[]>()
  for (const { name, preferred, served } of groups) {
    if (!name || served.length === 0) return noGroupList
    versions.set(name, [...new Set(preferred ? [preferred, ...served] : served)])
  }
  // An API server has some of its own: an empty list is none.
  const isList = textAt(answer.body, 'kind') === 'APIGroupList' && versions.size > 0
  return isList ? { kind: 'served', versions } : noGroupList
}

const noGroupList: Refusal = {
  ...{ kind: 'malformed', said: 'get /apis: an answer that is not an APIGroupList' },
}

/** Whether the API server says itself that a version of a group is without a resource. */
export async function lacksResource(
  api: KubernetesApi,
  { group, version, resource }: { group: string; version: string; resource: string },
  signal: AbortSignal,
): Promise<boolean> {
  const answer = await api.get(`/apis/${group}/${version}`, signal)
  if (answer.kind !== 'answer') return false
  const { body } = answer
  const names = listAt(body, 'resources').map((one) => textAt(one, 'name'))
  return (
    textAt(body, 'kind') === 'APIResourceList' &&
    textAt(body, 'groupVersion') === `${group}/${version}` &&
    names.length > 0 &&
    !names.includes(resource)
  )
}
