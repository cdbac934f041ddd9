import { deleteOptions } from './delete-options.ts'
import type { KubeObject } from './objects.ts'
import type { ResourcePath } from './path.ts'
import type { ApiAnswer, RoutesDeps } from './request.ts'
import { events, type Resource } from './resources.ts'
import { fieldSelector, labelSelector } from './selector.ts'
import { methodNotAllowed } from './status.ts'
import { readObject } from './validation.ts'

/** A request for a resource, of a user who is known. */
export interface ResourceRequest {
  readonly method: string
  readonly url: URL
  readonly user: string
  readonly body: string
  readonly place: ResourcePath
}

/**
 * The verbs on resources; undefined where the resource is not installed, which is found out only by
 * those who may do it. Throws `StatusError`.
 */
export function handle(request: ResourceRequest, deps: RoutesDeps): ApiAnswer | undefined {
  const { place, user, method } = request
  const { namespace, plural, group, version, name } = place
  const one = name === undefined ? 'all' : 'one'
  const verb = verbs[`${method} ${one}`] ?? method.toLowerCase()
  const wish = { verb, resource: { group, plural }, ...(name !== undefined && { name }) }
  deps.access.check(user, namespace === undefined ? wish : { ...wish, namespace })
  const resource = deps.resources().find((each) => each.group === group && each.plural === plural)
  if (resource === undefined || !resource.versions.includes(version)) return undefined
  const act = acts[verb]
  if (verb === 'list') return list({ ...request, resource, namespace, store: deps.store })
  if (act === undefined || namespace === undefined) throw methodNotAllowed()
  return act({ ...request, resource, namespace, name: name ?? '', store: deps.store })
}

const verbs: Readonly<Record<string, string>> = {
  'GET one': 'get',
  'GET all': 'list',
  'POST all': 'create',
  'DELETE one': 'delete',
  'DELETE all': 'deletecollection',
  'PUT one': 'update',
  'PATCH one': 'patch',
}

interface Act extends ResourceRequest {
  readonly resource: Resource
  readonly namespace: string
  readonly name: string
  readonly store: RoutesDeps['store']
}

const acts: Readonly<Record<string, (act: Act) => ApiAnswer>> = {
  get: ({ store, resource, namespace, name, place }) => ({
    status: 200,
    body: inVersion(store.get(resource, namespace, name), resource, place.version),
  }),
  create({ store, resource, namespace, body, place }) {
    const object = store.create(resource, namespace, readObject(resource, namespace, body))
    return { status: 201, body: inVersion(object, resource, place.version) }
  },
  delete: remove,
}

interface List extends Omit<Act, 'namespace' | 'name'> {
  /** Undefined: all of them. */
  readonly namespace: string | undefined
}

function list({ store, resource, namespace, url, place }: List): ApiAnswer {
  const labels = labelSelector(url.searchParams.get('labelSelector') ?? '')
  const fields = fieldSelector(url.searchParams.get('fieldSelector') ?? '')
  const items = store
    .list(resource, namespace)
    .filter(({ metadata }) => labels(metadata.labels ?? {}) && fields(metadata))
    .map((object) => inList(object, resource, place.version))
  const { group, kind } = resource
  const apiVersion = group === '' ? place.version : `${group}/${place.version}`
  const metadata = { resourceVersion: store.version() }
  return { status: 200, body: { kind: `${kind}List`, apiVersion, metadata, items } }
}

function remove(act: Act): ApiAnswer {
  const { store, resource, namespace, name, url, body, place } = act
  const found = store.get(resource, namespace, name)
  const graceSeconds = deleteOptions(url, body, resource, found)
  const gone = store.delete(resource, namespace, name, graceSeconds)
  // Events and custom resources are gone without a last look.
  const { group, plural } = resource
  if (group === '' && plural !== events.plural) {
    return { status: 200, body: inVersion(gone, resource, place.version) }
  }
  const details = { name, ...(group !== '' && { group }), kind: plural, uid: gone.metadata.uid }
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
  return { status: 200, body: status }
}

/** The same object, as the version shows it that was asked for. */
function inVersion(object: KubeObject, { group }: Resource, version: string): KubeObject {
  return { ...object, apiVersion: group === '' ? version : `${group}/${version}` }
}

/** In lists of built-in kinds the items do not say what they are; custom ones do. */
function inList(object: KubeObject, resource: Resource, version: string): KubeObject {
  if (resource.group.includes('.')) return inVersion(object, resource, version)
  const { apiVersion: _apiVersion, kind: _kind, ...item } = object
  return item
}
