import type { ApiAnswer, RoutesDeps } from './request.ts'
import { namespaces, nodeDiagnostics, type Resource } from './resources.ts'

/** What the server says of itself; undefined for a path or an API group that it does not serve. */
export function discover(path: string, { resources }: RoutesDeps): ApiAnswer | undefined {
  const installed = [...always, ...resources()]
  if (path === '/version') return found(version)
  if (path === '/api') return found({ kind: 'APIVersions', versions: ['v1'] })
  if (path === '/apis') return found(groupsOf(installed))
  const [, group = '', asked] = /^\/(?:api|apis\/([^/]+))(?:\/([^/]+))?$/.exec(path) ?? []
  const served = installed.filter((one) => one.group === group)
  if (asked === undefined) {
    if (served.length === 0) return undefined
    return found({ kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, installed) })
  }
  const inIt = served.filter(({ versions }) => versions.includes(asked))
  return inIt.length === 0 ? undefined : found(resourcesOf(group, asked, inIt))
}

const found = (body: object): ApiAnswer => ({ status: 200, body })

const version = {
  ...{ major: '1', minor: '36', gitVersion: 'v1.36.0-lab', gitTreeState: 'clean' },
  platform: 'linux/amd64',
}

const ofCluster = (group: string, ...kinds: string[]) =>
  kinds.map(
    (kind): Resource => ({
      ...{ group, versions: ['v1'], plural: `${kind.toLowerCase()}s`, kind },
    }),
  )

/** What no API server is without, in no namespace: the aggregator's own group is always the first. */
const always: readonly Resource[] = [
  ...ofCluster('apiregistration.k8s.io', 'APIService'),
  ...ofCluster('authorization.k8s.io', 'SelfSubjectAccessReview', 'SubjectAccessReview'),
  ...ofCluster('authorization.k8s.io', 'SelfSubjectRulesReview'),
]

/**
 * Each group with all of its versions, whether what serves them is well or not
 * (k8s.io/kube-aggregator, pkg/apiserver/handler_apis.go).
 */
function groupsOf(installed: readonly Resource[]) {
  const names = [...new Set(installed.map(({ group }) => group))].filter((name) => name !== '')
  const groups = names.map((name) => groupOf(name, installed))
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

function groupOf(name: string, installed: readonly Resource[]) {
  const names = new Set(
    installed.filter(({ group }) => group === name).flatMap((one) => one.versions),
  )
  const versions = [...names].map((one) => ({ groupVersion: `${name}/${one}`, version: one }))
  return { name, versions, preferredVersion: versions[0] }
}

function resourcesOf(group: string, asked: string, served: readonly Resource[]) {
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: group === '' ? asked : `${group}/${asked}`,
    resources: served.map(({ plural, kind }) => ({
      ...{ name: plural, singularName: kind.toLowerCase(), namespaced: isInNamespaces(plural) },
      ...{ kind, verbs: ['create', 'delete', 'get', 'list'] },
    })),
  }
}

const isInNamespaces = (plural: string) =>
  ![namespaces, nodeDiagnostics, ...always].some((one) => one.plural === plural)
