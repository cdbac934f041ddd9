import type { Access, Rule } from './access.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'
import { badRequest } from './status.ts'

export interface Review {
  readonly request: ApiRequest
  readonly user: string
  readonly access: Access
}

/** The API group authorization.k8s.io/v1, by method, group and plural: may somebody do something? */
export const reviews: Readonly<Record<string, (review: Review) => ApiAnswer>> = {
  'POST authorization.k8s.io selfsubjectaccessreviews'({ request, user, access }) {
    const object = parse(request.body)
    const status = verdict(access, user, object.spec?.resourceAttributes ?? {})
    return { status: 201, body: { ...object, status } }
  },
  'POST authorization.k8s.io subjectaccessreviews'({ request, user, access }) {
    const resource = { group: 'authorization.k8s.io', plural: 'subjectaccessreviews' }
    access.check(user, { verb: 'create', resource })
    const object = parse(request.body)
    const { user: other = '', groups = [], resourceAttributes = {} } = object.spec ?? {}
    const status = verdict(access, other, resourceAttributes, groups)
    return { status: 201, body: { ...object, status } }
  },
  'POST authorization.k8s.io selfsubjectrulesreviews'({ request, user, access }) {
    const object = parse(request.body)
    const rules = access.rulesOf(user, object.spec?.namespace ?? '')
    const status = { resourceRules: rules.map(told), nonResourceRules: [], incomplete: false }
    return { status: 201, body: { ...object, status } }
  },
}

interface ReviewObject {
  spec?: {
    user?: string
    /** Not looked up: whoever is in no group here is in none. */
    groups?: string[]
    namespace?: string
    resourceAttributes?: Attributes
  }
}

interface Attributes {
  namespace?: string
  verb?: string
  group?: string
  resource?: string
  name?: string
}

function verdict(access: Access, user: string, attributes: Attributes, groups?: readonly string[]) {
  const { verb = '', group = '', resource = '', namespace, name } = attributes
  const wish = {
    ...{ verb, resource: { group, plural: resource } },
    // An empty one means all of them.
    ...(namespace && { namespace }),
    ...(name && { name }),
  }
  const allowed = access.may(user, wish, groups)
  return allowed ? { allowed, reason: 'RBAC: allowed by a Role of the lab' } : { allowed }
}

const told = ({ verbs, apiGroups, resources, resourceNames }: Rule) => ({
  ...{ verbs, apiGroups, resources },
  ...(resourceNames && { resourceNames }),
})

function parse(body: string): ReviewObject {
  try {
    return JSON.parse(body) as ReviewObject
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error}`)
  }
}
