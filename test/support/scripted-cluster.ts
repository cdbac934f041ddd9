import type { Answer, KubernetesApi, Refusal } from '../../src/cluster/api/kubernetes-api.ts'
import { pathOf, type Request } from '../../src/cluster/api/request.ts'
import { createApiSource } from '../../src/cluster/finding/api-source.ts'
import type { Source } from '../../src/cluster/finding/source.ts'
import type { Failure } from '../../src/drain/ports.ts'
import type { Clock } from '../../src/time/clock.ts'
import { createVirtualClock } from './virtual-clock.ts'

/** What a path is answered with: JSON, or a refusal. */
export type Script = Readonly<Record<string, object>>

export interface ScriptedCluster extends KubernetesApi {
  /** May be changed while it is in use. */
  readonly script: Record<string, object>
  /** The paths that were asked for, and what was to be created. */
  readonly asked: string[]
  readonly created: object[]
  /** The API server's time of day. */
  serverMs: number
}

export const refused = (kind: Failure['kind'], status: number, rest: Partial<Refusal> = {}) =>
  ({ kind, said: `${kind} by script`, status, ...rest }) as Refusal

/** The 404 of a path that is not served, in nobody's words. */
export const nobodys = refused('malformed', 404)

/** An API server that answers by a script; what is not in it is not found. */
export function scriptedCluster(script: Script): ScriptedCluster {
  const cluster: ScriptedCluster = {
    script: { ...script },
    asked: [],
    created: [],
    serverMs: Date.parse('2026-01-01T00:00:00Z'),
    ask: async (request: Request) => {
      if (request.body) cluster.created.push(request.body)
      // What has no name is no object that could be found missing: nobody serves such a path.
      return reply(pathOf(request), request.name === undefined ? nobodys : refused('gone', 404))
    },
    get: async (path) => reply(path, nobodys),
  }
  function reply(path: string, unknown: Refusal): Answer | Refusal {
    cluster.asked.push(path)
    const body = cluster.script[path]
    if (!body) return unknown
    if ('said' in body) return body as Refusal
    return { kind: 'answer', body, serverMs: cluster.serverMs }
  }
  return cluster
}

export const namespacePath = '/api/v1/namespaces/shop'
export const podPath = `${namespacePath}/pods/web-1`
export const servicesPath = `${namespacePath}/services`
export const groupsPath = '/apis'
export const controllerPath = `${groupsPath}/elbv2.k8s.aws`
export const autoModePath = `${groupsPath}/eks.amazonaws.com`
export const bindingsPath = (group: string, version: string) =>
  `${group}/${version}/namespaces/shop/targetgroupbindings`

/** The API groups that are installed, with their versions, the preferred one first. */
export const groupList = (groups: Readonly<Record<string, readonly string[]>>) => ({
  kind: 'APIGroupList',
  groups: Object.entries({ 'apiregistration.k8s.io': ['v1'], ...groups }).map(
    ([name, [preferred, ...others]]) => ({
      name,
      versions: [...others, preferred].map((version) => ({ version })),
      preferredVersion: { version: preferred },
    }),
  ),
})

/** What a version of a group has. */
export const resourceList = (groupVersion: string, ...names: string[]) => ({
  ...{ kind: 'APIResourceList', groupVersion },
  resources: names.map((name) => ({ name })),
})

export function podObject(spec: object = {}, metadata: object = {}, status: object = {}) {
  return {
    kind: 'Pod',
    metadata: {
      ...{ namespace: 'shop', name: 'web-1', uid: 'u-1', labels: { app: 'web', tier: 'front' } },
      ...metadata,
    },
    spec: { terminationGracePeriodSeconds: 60, containers: [{ name: 'app' }], ...spec },
    status: { podIP: '10.0.1.7', podIPs: [{ ip: '10.0.1.7' }, { ip: 'fd00::7' }], ...status },
  }
}

export const service = (name: string, selector: object, spec: object = {}) => ({
  metadata: { name },
  spec: { selector, ...spec },
})

export const arnOfGroup = (name: string, account = '123456789012') =>
  `arn:aws:elasticloadbalancing:eu-west-1:${account}:targetgroup/${name}/0123456789abcdef`

export const binding = (name: string, serviceName: string, spec: object = {}) => ({
  metadata: { name },
  spec: {
    ...{ targetGroupARN: arnOfGroup(name), targetType: 'ip', targetGroupProtocol: 'HTTP' },
    serviceRef: { name: serviceName, port: 80 },
    ...spec,
  },
})

/** A pod behind one binding of the AWS Load Balancer Controller, by its Service's selector. */
export const ordinary = (): Record<string, object> => ({
  [podPath]: podObject(),
  [servicesPath]: { items: [service('web', { app: 'web' }), service('db', { app: 'db' })] },
  [groupsPath]: groupList({ 'elbv2.k8s.aws': ['v1beta1', 'v1alpha1'] }),
  [bindingsPath(controllerPath, 'v1beta1')]: {
    items: [binding('web-a', 'web'), binding('db-a', 'db')],
  },
})

/** What the script tells of its pod, as the API server would. */
export function sourceOf(api: KubernetesApi, clock: Clock = createVirtualClock()): Source {
  const name = { namespace: 'shop', name: 'web-1' }
  return createApiSource({ api, clock, wallClock: () => '2026-01-01T00:00:00.123Z', name })
}
