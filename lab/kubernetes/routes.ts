import type { Access } from './access.ts'
import { type Resource, subjectAccessReviews } from './resources.ts'
import { StatusError, statusOf } from './status.ts'
import type { KubeObject, Store } from './store.ts'

export interface ApiRequest {
  readonly method: string
  readonly url: string
  readonly authorization: string | undefined
  readonly body: string
}

export interface ApiAnswer {
  readonly status: number
  /** JSON, but for a path that nobody serves. */
  readonly body: object | string
}

export interface RoutesDeps {
  readonly store: Store
  readonly access: Access
  /** What is installed right now. */
  readonly resources: () => readonly Resource[]
}

/** The REST API: paths, verbs, permissions, errors. */
export function createRoutes(deps: RoutesDeps): (request: ApiRequest) => ApiAnswer {
  return (request) => {
    try {
      return route(request, deps)
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      return { status: error.code, body: statusOf(error) }
    }
  }
}

const objectPath = /^\/(?:api|apis\/([^/]+))\/([^/]+)\/namespaces\/([^/]+)\/([^/]+)(?:\/([^/]+))?$/
const reviewPath = /^\/apis\/authorization\.k8s\.io\/v1\/(?:self)?subjectaccessreviews$/

function route(request: ApiRequest, deps: RoutesDeps): ApiAnswer {
  const url = new URL(request.url, 'https://api')
  const user = deps.access.userOf(request.authorization)
  const path = url.pathname
  const [, discovered] = /^\/apis\/([^/]+)$/.exec(path) ?? []
  if (discovered) return discovery(discovered, deps)
  if (reviewPath.test(path) && request.method === 'POST') return review(request, user, deps)
  const [, group = '', version = '', namespace = '', plural = '', name] =
    objectPath.exec(path) ?? []
  const resource = deps
    .resources()
    .find((one) => one.group === group && one.plural === plural && one.versions.includes(version))
  // The real one answers for an unknown path in plain text.
  if (!resource) return { status: 404, body: '404 page not found\n' }
  return handle(
    request,
    url,
    { resource, namespace, version, user, ...(name ? { name } : {}) },
    deps,
  )
}

interface Place {
  readonly resource: Resource
  readonly namespace: string
  readonly version: string
  readonly user: string
  readonly name?: string
}

function handle(request: ApiRequest, url: URL, place: Place, deps: RoutesDeps): ApiAnswer {
  const { store, access } = deps
  const { resource, namespace, user, name } = place
  const allowed = (verb: string) =>
    access.check(user, { verb, resource, namespace, ...(name ? { name } : {}) })
  switch (`${request.method} ${name === undefined ? 'all' : 'one'}`) {
    case 'GET one':
      allowed('get')
      return { status: 200, body: inVersion(store.get(resource, namespace, name ?? ''), place) }
    case 'GET all': {
      allowed('list')
      const items = store
        .list(resource, namespace)
        .filter(selectedBy(url.searchParams.get('labelSelector')))
        .map((object) => inVersion(object, place))
      const { group } = resource
      const apiVersion = group === '' ? place.version : `${group}/${place.version}`
      const kind = `${resource.kind}List`
      return { status: 200, body: { kind, apiVersion, metadata: {}, items } }
    }
    case 'POST all':
      allowed('create')
      return { status: 201, body: store.create(resource, namespace, parse(request.body)) }
    case 'DELETE one': {
      allowed('delete')
      const asked = url.searchParams.get('gracePeriodSeconds') ?? parseGrace(request.body)
      const grace = asked === undefined ? undefined : Number(asked)
      return { status: 200, body: store.delete(resource, namespace, name ?? '', grace) }
    }
    default:
      throw new StatusError(
        405,
        'MethodNotAllowed',
        'the server does not allow this method on the requested resource',
      )
  }
}

/** The same object, as the version shows it that was asked for. */
function inVersion(object: KubeObject, { resource, version }: Place): KubeObject {
  return resource.group === '' ? object : { ...object, apiVersion: `${resource.group}/${version}` }
}

function selectedBy(selector: string | null): (object: KubeObject) => boolean {
  const wanted = (selector ?? '').split(',').filter((part) => part !== '')
  return ({ metadata: { labels = {} } }) =>
    wanted.every((part) => {
      const [key = '', value] = part.split('=')
      return labels[key] === value
    })
}

function discovery(group: string, { resources }: RoutesDeps): ApiAnswer {
  const served = resources().find((one) => one.group === group)
  if (!served) return { status: 404, body: '404 page not found\n' }
  const versions = served.versions.map((version) => ({
    groupVersion: `${group}/${version}`,
    version,
  }))
  const [preferredVersion] = versions
  return {
    status: 200,
    body: { kind: 'APIGroup', apiVersion: 'v1', name: group, versions, preferredVersion },
  }
}

/**
 * Whether somebody may do something: (Self)SubjectAccessReview. Of oneself anybody may ask; of others,
 * whoever may create such a review (Kubernetes, Authorization: checking API access).
 */
function review(request: ApiRequest, self: string, { access, resources }: RoutesDeps): ApiAnswer {
  if (!request.url.includes('/self')) {
    access.check(self, { verb: 'create', resource: subjectAccessReviews, namespace: '' })
  }
  const object = parse(request.body)
  const spec = (object.spec ?? {}) as {
    user?: string
    resourceAttributes?: Record<'namespace' | 'verb' | 'group' | 'resource', string>
  }
  const { namespace = '', verb = '', group = '', resource = '' } = spec.resourceAttributes ?? {}
  const found = resources().find((one) => one.group === group && one.plural === resource)
  const wished = found ?? { group, plural: resource, kind: '', versions: [] }
  const allowed = access.may(spec.user ?? self, { verb, resource: wished, namespace })
  return { status: 201, body: { ...object, status: { allowed } } }
}

function parse(body: string): KubeObject {
  try {
    return { metadata: {}, ...(JSON.parse(body) as object) }
  } catch {
    throw new StatusError(400, 'BadRequest', 'the body is not JSON')
  }
}

function parseGrace(body: string): string | undefined {
  const { gracePeriodSeconds } = body === '' ? {} : (parse(body) as { gracePeriodSeconds?: number })
  return gracePeriodSeconds === undefined ? undefined : String(gracePeriodSeconds)
}
