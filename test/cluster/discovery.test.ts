import t from 'tap'
import { discover } from '../../src/cluster/discovery.ts'
import { readPod } from '../../src/cluster/pod.ts'
import {
  autoModePath,
  binding,
  bindingsPath,
  controllerPath,
  ordinary,
  podObject,
  podPath,
  refused,
  scriptedCluster,
  served,
  service,
  servicesPath,
} from '../support/scripted-cluster.ts'

const never = new AbortController().signal
const gate = (name: string) => ({ conditionType: `target-health.elbv2.k8s.aws/${name}` })

async function found(script: Record<string, object>) {
  const pod = readPod(script[podPath])
  if (!pod) throw new Error('no pod in this script')
  const { bindings, services, missing } = await discover(scriptedCluster(script), pod, never)
  return {
    bindings: bindings.map(({ name }) => name),
    services: services.map(({ name }) => name),
    missing: missing.map(({ kind }) => kind),
  }
}

t.test('by the Service that selects the pod', async (t) => {
  t.strictSame(await found(ordinary()), { bindings: ['web-a'], services: ['web'], missing: [] })
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

t.test('both API groups, whichever versions they serve; neither is no error', async (t) => {
  const script = ordinary()
  script[autoModePath] = served('v1')
  script[bindingsPath(autoModePath, 'v1')] = { items: [binding('auto', 'web')] }
  t.strictSame((await found(script)).bindings, ['web-a', 'auto'])
  delete script[controllerPath]
  t.strictSame(await found(script), { bindings: ['auto'], services: ['web'], missing: [] })
  delete script[autoModePath]
  t.strictSame(await found(script), { bindings: [], services: ['web'], missing: [] })
  script[controllerPath] = served('v1alpha1')
  script[bindingsPath(controllerPath, 'v1alpha1')] = { items: [binding('alpha', 'web')] }
  t.strictSame((await found(script)).bindings, ['alpha'])
})

t.test('where the versions are not told, the usual ones are tried', async (t) => {
  const script = ordinary()
  script[controllerPath] = refused('denied', 403)
  t.strictSame((await found(script)).bindings, ['web-a'])
})

t.test('Services may not be listed: any binding may be about the pod', async (t) => {
  const script = ordinary()
  script[servicesPath] = refused('denied', 403)
  t.strictSame(await found(script), {
    bindings: ['web-a', 'db-a'],
    services: [],
    missing: ['denied'],
  })
})

t.test('bindings may not be listed: those that the gates name are read', async (t) => {
  const script = ordinary()
  script[podPath] = podObject({ readinessGates: [gate('web-a'), gate('deleted')] })
  const list = bindingsPath(controllerPath, 'v1beta1')
  script[list] = refused('denied', 403)
  script[`${list}/web-a`] = binding('web-a', 'web')
  t.strictSame(await found(script), { bindings: ['web-a'], services: ['web'], missing: ['denied'] })
  script[`${list}/web-a`] = refused('denied', 403)
  t.strictSame((await found(script)).missing, ['denied', 'denied'])
})

t.test('an object that is none is passed over', async (t) => {
  const script = ordinary()
  script[bindingsPath(controllerPath, 'v1beta1')] = {
    items: [null, 'x', {}, { metadata: { name: 'no-spec' } }, binding('web-a', 'web')],
  }
  script[servicesPath] = { items: [{}, 7, service('web', { app: 'web' })] }
  t.strictSame((await found(script)).bindings, ['web-a'])
})
