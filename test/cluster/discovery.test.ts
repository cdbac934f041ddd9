import t from 'tap'
import { createDiscovery } from '../../src/cluster/discovery.ts'
import { readPod } from '../../src/cluster/pod.ts'
import type { Failure } from '../../src/drain/ports.ts'
import {
  autoModePath,
  binding,
  bindingsPath,
  controllerPath,
  groupList,
  groupsPath,
  nobodys,
  ordinary,
  podObject,
  podPath,
  refused,
  resourceList,
  scriptedCluster,
  service,
  servicesPath,
} from '../support/scripted-cluster.ts'

const never = new AbortController().signal
const gate = (name: string) => ({ conditionType: `target-health.elbv2.k8s.aws/${name}` })

function discovery(script: Record<string, object>) {
  const cluster = scriptedCluster(script)
  const discover = createDiscovery(cluster)
  async function found(failure?: Failure) {
    const pod = readPod(cluster.script[podPath])
    if (!pod) throw new Error('no pod in this script')
    const { bindings, services, missing, narrowed } = await discover(failure ?? pod, never)
    return {
      bindings: bindings.map(({ name }) => name),
      services: services.map(({ name }) => name),
      missing: missing.map(({ kind }) => kind),
      narrowed: narrowed.map(({ kind }) => kind),
    }
  }
  return { found, script: cluster.script, asked: cluster.asked }
}
const found = (script: Record<string, object>) => discovery(script).found()
const whole = { missing: [], narrowed: [] }
const list = bindingsPath(controllerPath, 'v1beta1')
const auto = bindingsPath(autoModePath, 'v1')

t.test('by the Service that selects the pod', async (t) => {
  t.strictSame(await found(ordinary()), { bindings: ['web-a'], services: ['web'], ...whole })
})

t.test('a pod that three Services select', async (t) => {
  const script = ordinary()
  script[servicesPath] = {
    items: [
      service('web', { app: 'web' }),
      service('front', { tier: 'front' }),
      service('both', { app: 'web', tier: 'front' }),
      service('more', { app: 'web', tier: 'front', zone: 'a' }),
      service('by-hand', {}),
    ],
  }
  script[bindingsPath(controllerPath, 'v1beta1')] = {
    items: ['web', 'front', 'both', 'more', 'by-hand'].map((name) => binding(`${name}-a`, name)),
  }
  const { bindings, services } = await found(script)
  t.strictSame(services, ['web', 'front', 'both'])
  t.strictSame(bindings, ['web-a', 'front-a', 'both-a'])
})

t.test('by the gates, of both prefixes; and those of Services beside them', async (t) => {
  const script = ordinary()
  const legacy = { conditionType: 'target-health.alb.ingress.k8s.aws/old' }
  script[podPath] = podObject({
    readinessGates: [gate('gated'), legacy, { conditionType: 'other/x' }],
  })
  script[bindingsPath(controllerPath, 'v1beta1')] = {
    items: [binding('gated', 'any'), binding('old', 'any'), binding('web-a', 'web')],
  }
  t.strictSame((await found(script)).bindings, ['gated', 'old', 'web-a'])
})

const controller = { 'elbv2.k8s.aws': ['v1beta1', 'v1alpha1'] }
const autoMode = { 'eks.amazonaws.com': ['v1'] }
const both = groupList({ ...controller, ...autoMode })

t.test('both API groups, whichever versions they serve; neither is no error', async (t) => {
  const script = ordinary()
  script[groupsPath] = both
  script[auto] = { items: [binding('auto', 'web')] }
  t.strictSame((await found(script)).bindings, ['web-a', 'auto'])
  script[groupsPath] = groupList(autoMode)
  t.strictSame(await found(script), { bindings: ['auto'], services: ['web'], ...whole })
  script[groupsPath] = groupList({})
  t.strictSame(await found(script), { bindings: [], services: ['web'], ...whole })
  script[groupsPath] = groupList({ 'elbv2.k8s.aws': ['v1alpha1'] })
  script[bindingsPath(controllerPath, 'v1alpha1')] = { items: [binding('alpha', 'web')] }
  t.strictSame((await found(script)).bindings, ['alpha'])
})

t.test('the API groups are asked for once', async (t) => {
  const { found, asked } = discovery({ ...ordinary(), [groupsPath]: both, [auto]: { items: [] } })
  await found()
  t.strictSame(asked, [servicesPath, groupsPath, list, auto])
})

t.test('where the versions are not told, the usual ones are tried', async (t) => {
  const script = ordinary()
  script[groupsPath] = refused('denied', 403)
  t.strictSame(await found(script), {
    ...{ bindings: ['web-a'], services: ['web'] },
    ...{ missing: [], narrowed: ['denied'] },
  })
})

t.test('what is no list of API groups tells of none', async (t) => {
  const one = { name: 'apiregistration.k8s.io', versions: [{ version: 'v1' }] }
  const lists: object[] = [
    nobodys,
    { kind: 'Status' },
    { kind: 'APIGroupList' },
    { kind: 'APIGroupList', groups: [] },
    { kind: 'List', groups: [one] },
    { kind: 'APIGroupList', groups: [one, { name: 'apps', versions: [] }] },
    { kind: 'APIGroupList', groups: [one, { versions: [{ version: 'v1' }] }] },
  ]
  for (const told of lists) {
    const script = { ...ordinary(), [groupsPath]: told }
    const some = { bindings: ['web-a'], services: ['web'], narrowed: [] }
    t.strictSame(await found(script), { ...some, missing: ['malformed'] }, JSON.stringify(told))
  }
})

t.test('a list that is none is not an empty one', async (t) => {
  for (const [path, left] of [
    [list, []],
    [servicesPath, ['web-a']],
  ] as const) {
    const { found, script } = discovery({ ...ordinary(), [path]: {} })
    t.match(await found(), { bindings: [], missing: ['malformed'] })
    script[podPath] = podObject({ readinessGates: [gate('web-a')] })
    t.match(await found(), { bindings: left })
    script[path] = { kind: 'SomeList', items: null }
    t.strictSame((await found()).missing, [], 'as an empty one may be written')
  }
})

t.test('Services may not be listed: any binding may be about the pod', async (t) => {
  const script = ordinary()
  script[servicesPath] = refused('denied', 403)
  const narrow = { services: [], missing: [], narrowed: ['denied'] }
  t.strictSame(await found(script), { bindings: ['web-a', 'db-a'], ...narrow })
  script[podPath] = podObject({ readinessGates: [gate('web-a')] })
  t.strictSame(await found(script), { bindings: ['web-a'], ...narrow }, 'unless its gates tell')
  script[servicesPath] = refused('unreachable', 500)
  t.strictSame((await found(script)).missing, ['unreachable'], 'what may pass is waited for')
})

t.test('Services are not answered: no binding is taken for the pod for that', async (t) => {
  const { found, script } = discovery(ordinary())
  const answered = script[servicesPath] ?? {}
  const failing = { services: [], missing: ['throttled'], narrowed: [] }
  script[servicesPath] = refused('throttled', 429)
  t.strictSame(await found(), { bindings: [], ...failing })
  script[servicesPath] = answered
  t.strictSame((await found()).bindings, ['web-a'])
  script[servicesPath] = refused('throttled', 429)
  t.strictSame(await found(), { bindings: ['web-a'], ...failing }, 'but those that were known')
})

t.test('bindings may not be listed: those that the gates name are read', async (t) => {
  const script = ordinary()
  script[podPath] = podObject({ readinessGates: [gate('web-a')] })
  script[list] = refused('denied', 403)
  script[`${list}/web-a`] = binding('web-a', 'web')
  const narrow = { services: ['web'], missing: [], narrowed: ['denied'] }
  t.strictSame(await found(script), { bindings: ['web-a'], ...narrow })
  script[`${list}/web-a`] = refused('denied', 403)
  t.strictSame((await found(script)).missing, ['denied', 'denied'])
})

t.test('a binding that a gate names and that cannot be read is missing', async (t) => {
  const script = ordinary()
  script[podPath] = podObject({ readinessGates: [gate('web-a'), gate('web-b')] })
  script[list] = refused('denied', 403)
  script[`${list}/web-a`] = binding('web-a', 'web')
  script[`${list}/web-b`] = refused('unreachable', 500)
  const half = { bindings: ['web-a'], services: ['web'] }
  t.strictSame(await found(script), { ...half, missing: ['unreachable'], narrowed: ['denied'] })
  script[`${list}/web-b`] = { kind: 'Status' }
  t.strictSame((await found(script)).missing, ['malformed'])
  script[groupsPath] = both
  script[auto] = { items: [binding('web-b', 'web')] }
  t.strictSame((await found(script)).missing, [], 'the other API group has it')
})

t.test('the list of one API group fails: more may be there', async (t) => {
  const script = ordinary()
  script[groupsPath] = both
  script[auto] = refused('unreachable', 500)
  const half = { bindings: ['web-a'], services: ['web'] }
  t.strictSame(await found(script), { ...half, missing: ['unreachable'], narrowed: [] })
  script[auto] = refused('denied', 403)
  t.strictSame(await found(script), { ...half, missing: [], narrowed: ['denied'] })
  script[groupsPath] = refused('unreachable', 500)
  delete script[auto]
  t.strictSame((await found(script)).missing, ['unreachable'], 'what it serves is not known')
  script[podPath] = podObject({ readinessGates: [gate('web-a'), gate('auto')] })
  const gates = { missing: ['unreachable'], narrowed: [] }
  t.strictSame(await found(script), { ...half, ...gates }, 'nor whether the gate still counts')
})

t.test('a gate whose binding was deleted: said, and followed as it was known', async (t) => {
  const spec = { readinessGates: [gate('web-a')] }
  const { found, script } = discovery({ ...ordinary(), [podPath]: podObject(spec) })
  await found()
  script[list] = { items: [] }
  const lost = { services: ['web'], missing: [], narrowed: ['gone'] }
  t.strictSame(await found(), { bindings: ['web-a'], ...lost })
  const later = discovery({ ...ordinary(), [podPath]: podObject(spec), [list]: { items: [] } })
  t.strictSame(await later.found(), { bindings: [], ...lost }, 'it never was known')
})

t.test('what was found before is the last resort', async (t) => {
  const { found, script } = discovery(ordinary())
  await found()
  const failure = refused('unreachable', 500)
  const known = { bindings: ['web-a'], services: [], missing: ['unreachable'], narrowed: [] }
  t.strictSame(await found(failure), known, 'the pod cannot be read')
  script[list] = failure
  t.strictSame(await found(), { ...known, services: ['web'] })
  t.strictSame(await found(), { ...known, services: ['web'] }, 'and still is')
  script[list] = { items: [binding('web-b', 'web')] }
  t.strictSame((await found()).bindings, ['web-b'], 'a binding without a gate that was deleted')
})

t.test("the API group's preferred version may be without the resource", async (t) => {
  const script = ordinary()
  script[groupsPath] = groupList({ 'elbv2.k8s.aws': ['v1', 'v1beta1'] })
  script[`${controllerPath}/v1`] = resourceList('elbv2.k8s.aws/v1', 'ingressclassparams')
  t.strictSame(await found(script), { bindings: ['web-a'], services: ['web'], ...whole })
  script[list] = refused('denied', 403)
  t.strictSame((await found(script)).missing, ['denied'])
})

t.test('a group without the resource in any version is as one that is not installed', async (t) => {
  const script = ordinary()
  script[groupsPath] = groupList({ ...controller, 'eks.amazonaws.com': ['v1alpha1'] })
  script[`${autoModePath}/v1alpha1`] = resourceList('eks.amazonaws.com/v1alpha1', 'nodediagnostics')
  t.strictSame(await found(script), { bindings: ['web-a'], services: ['web'], ...whole })
})

t.test('a list that is answered 404, though its version has the resource', async (t) => {
  const told = resourceList('elbv2.k8s.aws/v1beta1', 'targetgroupbindings')
  const others = [
    nobodys,
    { kind: 'Status' },
    { ...told, resources: undefined },
    { ...told, groupVersion: 'elbv2.k8s.aws/v1', resources: [] },
  ]
  for (const resources of [told, ...others]) {
    const { found, script } = discovery(ordinary())
    await found()
    script[list] = nobodys
    script[`${controllerPath}/v1beta1`] = resources
    const known = { bindings: ['web-a'], services: ['web'], narrowed: [] }
    t.strictSame(await found(), { ...known, missing: ['malformed'] }, JSON.stringify(resources))
  }
})

t.test('a binding that a gate names does not exist only if the API server says so', async (t) => {
  const script = ordinary()
  script[podPath] = podObject({ readinessGates: [gate('web-a')] })
  script[list] = refused('denied', 403)
  t.strictSame((await found(script)).narrowed, ['gone'])
  script[`${list}/web-a`] = nobodys
  t.strictSame((await found(script)).missing, ['denied', 'malformed'])
})

t.test('an object that is none is passed over', async (t) => {
  const script = ordinary()
  script[bindingsPath(controllerPath, 'v1beta1')] = {
    items: [null, 'x', {}, { metadata: { name: 'no-spec' } }, binding('web-a', 'web')],
  }
  script[servicesPath] = { items: [{}, 7, service('web', { app: 'web' })] }
  t.strictSame((await found(script)).bindings, ['web-a'])
})
