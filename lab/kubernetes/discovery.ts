import type { Resource } from './resources.ts'
import type { ApiAnswer, RoutesDeps } from './routes.ts'

/** What the server says of itself; undefined for a path or an API group that it does not serve. */
export function discover(path: string, { resources }: RoutesDeps): ApiAnswer | undefined {
  const installed = resources()
  if (path === '/version') return found(version)
  if (path === '/api') return found({ kind: 'APIVersions', versions: ['v1'] })
  if (path === '/apis') {
    const names = new Set(installed.map(({ group }) => group).filter((group) => group !== ''))
    const groups = [...names].map((group) => groupOf(group, installed))
    return found({ kind: 'APIGroupList', apiVersion: 'v1', groups })
  }
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
      ...{ name: plural, singularName: kind.toLowerCase(), namespaced: plural !== 'namespaces' },
      ...{ kind, verbs: ['create', 'delete', 'get', 'list'] },
    })),
  }
}
