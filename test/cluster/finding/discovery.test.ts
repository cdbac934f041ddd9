import t from 'tap'
import { mostPossible } from '../../../src/cluster/finding/discover.ts'
import { createDiscovery } from '../../../src/cluster/finding/discovery.ts'
import type { ClaimedBinding } from '../../../src/cluster/finding/source.ts'
import { readPod } from '../../../src/cluster/objects/pod.ts'
import type { Failure } from '../../../src/drain/ports.ts'
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
  sourceOf,
} from '../../support/scripted-cluster.ts'

const never = new AbortController().signal
const gate = (name: string) => ({ conditionType: `target-health.elbv2.k8s.aws/${name}` })

function discovery(script: Record<string, object>) {
  const cluster = scriptedCluster(script)
  const discover = createDiscovery(sourceOf(cluster))
  async function found(failure?: Failure) {
    const pod = readPod(cluster.script[podPath])
    if (!pod) throw new Error('no pod in this script')
    const seen = await discover(failure ?? pod, never)
    return {
      bindings: seen.bindings.map(labelOf),
      possible: seen.possible.map(({ name }) => name),
      services: seen.services.map(({ name }) => name),
      missing: seen.missing.map(({ kind }) => kind),
      narrowed: seen.narrowed.map(({ kind }) => kind),
    }
  }
  return { found, script: cluster.script, asked: cluster.asked }
}
/** `web-a` is the pod's; `once web-a` was. */
const labelOf = ({ claim, name }: ClaimedBinding) => (claim === 'bound' ? name : `once ${name}`)
const found = (script: Record<string, object>) => discovery(script).found()
/** Beside the pod's own: what the ordinary script always has, and nothing that failed. */
const whole = { possible: ['db-a'], services: ['web'], missing: [], narrowed: [] }
const list = bindingsPath(controllerPath, 'v1beta1')
const auto = bindingsPath(autoModePath, 'v1')
const several = (count: number) =>
  Array.from({ length: count }, (_, n) => binding(`other-${n}`, `other-${n}`))

t.test('by the Service that selects the pod', async (t) => {
  t.strictSame(await found(ordinary()), { ...whole, bindings: ['web-a'] })
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
  t.match(await found(script), {
    bindings: ['web-a', 'front-a', 'both-a'],
    possible: ['more-a', 'by-hand-a'],
    services: ['web', 'front', 'both'],
  })
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
  t.strictSame((await found(script)).bindings, ['once gated', 'once old', 'web-a'])
  script[servicesPath] = refused('denied', 403)
  t.strictSame((await found(script)).bindings, ['gated', 'old'], 'or nobody may know')
})

t.test('a gate stays when a rollout has moved the selector', async (t) => {
  const script = ordinary()
  script[podPath] = podObject({ readinessGates: [gate('web-a')] })
  t.strictSame((await found(script)).bindings, ['web-a'])
  script[servicesPath] = { items: [service('web', { app: 'web', version: 'green' })] }
  t.strictSame((await found(script)).bindings, ['once web-a'])
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
  t.strictSame(await found(script), { ...whole, bindings: ['auto'], possible: [] })
  script[groupsPath] = groupList({})
  t.strictSame(await found(script), { ...whole, bindings: [], possible: [] })
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
  t.strictSame(await found(script), { ...whole, bindings: ['web-a'], narrowed: ['denied'] })
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
    const some = { ...whole, bindings: ['web-a'], missing: ['malformed'] }
    t.strictSame(await found(script), some, JSON.stringify(told))
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
  t.strictSame(await found(script), { ...narrow, bindings: [], possible: ['web-a', 'db-a'] })
  script[podPath] = podObject({ readinessGates: [gate('web-a')] })
  const gated = { ...narrow, bindings: ['web-a'], possible: ['db-a'] }
  t.strictSame(await found(script), gated, 'unless its gates tell')
  script[servicesPath] = refused('unreachable', 500)
  t.strictSame((await found(script)).missing, ['unreachable'], 'what may pass is waited for')
})

t.test('nor can it be told of more than can be looked at', async (t) => {
  const script = ordinary()
  script[servicesPath] = refused('denied', 403)
  for (const [count, lacking] of [
    [mostPossible, { missing: [], narrowed: ['denied'] }],
    [mostPossible + 1, { missing: ['denied'], narrowed: [] }],
  ] as const) {
    const ofNodes = binding('nodes', 'web', { targetType: 'instance' })
    script[list] = { items: [ofNodes, ...several(count)] }
    t.match(await found(script), { bindings: [], ...lacking }, `${count}`)
  }
})

t.test('Services are not answered: no binding is taken for the pod for that', async (t) => {
  const { found, script } = discovery(ordinary())
  const answered = script[servicesPath] ?? {}
  const failing = { services: [], missing: ['throttled'], narrowed: [] }
  script[servicesPath] = refused('throttled', 429)
  t.strictSame(await found(), { ...failing, bindings: [], possible: ['web-a', 'db-a'] })
  script[servicesPath] = answered
  t.strictSame(await found(), { ...whole, bindings: ['web-a'] })
  script[servicesPath] = refused('throttled', 429)
  const known = { ...failing, bindings: ['web-a'], possible: ['db-a'] }
  t.strictSame(await found(), known, 'but those that were known, and are as ever')
})

t.test('bindings may not be listed: those that the gates name are read', async (t) => {
  const script = ordinary()
  script[podPath] = podObject({ readinessGates: [gate('web-a')] })
  script[list] = refused('denied', 403)
  script[`${list}/web-a`] = binding('web-a', 'web')
  const narrow = { ...whole, possible: [], narrowed: ['denied'] }
  t.strictSame(await found(script), { ...narrow, bindings: ['web-a'] })
  script[`${list}/web-a`] = refused('denied', 403)
  t.strictSame((await found(script)).missing, ['denied', 'denied'])
})

t.test('a binding that a gate names and that cannot be read is missing', async (t) => {
  const script = ordinary()
  script[podPath] = podObject({ readinessGates: [gate('web-a'), gate('web-b')] })
  script[list] = refused('denied', 403)
  script[`${list}/web-a`] = binding('web-a', 'web')
  script[`${list}/web-b`] = refused('unreachable', 500)
  const half = { ...whole, bindings: ['web-a'], possible: [] }
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
  const half = { ...whole, bindings: ['web-a'] }
  t.strictSame(await found(script), { ...half, missing: ['unreachable'] })
  script[auto] = refused('denied', 403)
  t.strictSame(await found(script), { ...half, narrowed: ['denied'] })
  script[groupsPath] = refused('unreachable', 500)
  delete script[auto]
  t.strictSame((await found(script)).missing, ['unreachable'], 'what it serves is not known')
  script[podPath] = podObject({ readinessGates: [gate('web-a'), gate('auto')] })
  const gates = { ...half, missing: ['unreachable'] }
  t.strictSame(await found(script), gates, 'nor whether the gate still counts')
})

t.test('a gate whose binding was deleted: said, and followed as it was known', async (t) => {
  const spec = { readinessGates: [gate('web-a')] }
  const { found, script } = discovery({ ...ordinary(), [podPath]: podObject(spec) })
  await found()
  script[list] = { items: [] }
  const lost = { ...whole, possible: [], narrowed: ['gone'] }
  t.strictSame(await found(), { ...lost, bindings: ['once web-a'] })
  const later = discovery({ ...ordinary(), [podPath]: podObject(spec), [list]: { items: [] } })
  t.strictSame(await later.found(), { ...lost, bindings: [] }, 'it never was known')
})

t.test('what was found before is the last resort', async (t) => {
  const { found, script } = discovery(ordinary())
  await found()
  const failure = refused('unreachable', 500)
  const known = { ...whole, bindings: ['web-a'], possible: [], missing: ['unreachable'] }
  t.strictSame(await found(failure), { ...known, services: [] }, 'the pod cannot be read')
  script[list] = failure
  t.strictSame(await found(), known)
  t.strictSame(await found(), known, 'and still is')
})

/** A rollout that moves the Service from the pods of one version to those of the next. */
const hash = 'rollouts-pod-template-hash'
const rollout = (active: string): Record<string, object> => ({
  ...ordinary(),
  [podPath]: podObject({}, { labels: { app: 'web', [hash]: 'blue' } }),
  [servicesPath]: { items: [service('web', { app: 'web', [hash]: active })] },
})
/** How a pod loses its binding; and what a sidecar finds that starts only then. */
const partings: Record<string, { before: object; after: object; later: object }> = {
  "the Service's selector moves to the next version": {
    before: rollout('blue'),
    after: rollout('green'),
    later: { bindings: ['once web-a'], possible: ['db-a'] },
  },
  'a label is taken off the pod': {
    before: ordinary(),
    after: { [podPath]: podObject({}, { labels: { tier: 'front' } }) },
    later: { bindings: [], possible: ['web-a', 'db-a'] },
  },
  'the Service is deleted': {
    before: ordinary(),
    after: { [servicesPath]: { kind: 'ServiceList', items: [] } },
    later: { bindings: [], possible: ['web-a', 'db-a'] },
  },
  'the binding is deleted': {
    before: ordinary(),
    after: { [list]: { items: [binding('web-b', 'web')] } },
    later: { bindings: ['web-b'], possible: [] },
  },
}

for (const [name, { before, after, later }] of Object.entries(partings)) {
  t.test(`what was once found stays the pod's own: ${name}`, async (t) => {
    const { found, script } = discovery({ ...before })
    t.match(await found(), { bindings: ['web-a'] })
    Object.assign(script, after)
    for (const when of ['at once', 'and for good']) {
      const { bindings, possible, missing } = await found()
      t.ok(bindings.includes('once web-a'), when)
      t.notOk(possible.includes('web-a'))
      t.strictSame(missing, [])
    }
    t.match(await discovery(script).found(), later, 'found by a sidecar that starts now')
    Object.assign(script, before)
    t.ok((await found()).bindings.includes('web-a'), 'and it may come back')
  })
}

t.test('the controller fills in the ARN of a group that was only named', async (t) => {
  const { found, script } = discovery(ordinary())
  const only = { targetGroupARN: undefined, targetGroupName: 'web-a' }
  script[list] = { items: [binding('web-a', 'web', only)] }
  t.strictSame((await found()).bindings, ['web-a'])
  script[list] = { items: [binding('web-a', 'web', { targetGroupName: 'web-a' })] }
  t.strictSame(await found(), { ...whole, bindings: ['web-a'], possible: [] })
})

t.test("the API group's preferred version may be without the resource", async (t) => {
  const script = ordinary()
  script[groupsPath] = groupList({ 'elbv2.k8s.aws': ['v1', 'v1beta1'] })
  script[`${controllerPath}/v1`] = resourceList('elbv2.k8s.aws/v1', 'ingressclassparams')
  t.strictSame(await found(script), { ...whole, bindings: ['web-a'] })
  script[list] = refused('denied', 403)
  t.strictSame((await found(script)).missing, ['denied'])
})

t.test('a group without the resource in any version is as one that is not installed', async (t) => {
  const script = ordinary()
  script[groupsPath] = groupList({ ...controller, 'eks.amazonaws.com': ['v1alpha1'] })
  script[`${autoModePath}/v1alpha1`] = resourceList('eks.amazonaws.com/v1alpha1', 'nodediagnostics')
  t.strictSame(await found(script), { ...whole, bindings: ['web-a'] })
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
    const known = { ...whole, bindings: ['web-a'], possible: [], missing: ['malformed'] }
    t.strictSame(await found(), known, JSON.stringify(resources))
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
