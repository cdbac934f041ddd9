import t from 'tap'
import {
  autoModeBindings,
  events,
  nodeDiagnostics,
  pods,
  services,
} from '../../../lab/kubernetes/resources.ts'
import { bindingsPath, everything, pod, podsPath, startApi } from './api.ts'

t.test('an object is created, shown, listed and deleted', async (t) => {
  const { ask, store } = await startApi(t)
  const made = await ask('POST', podsPath, pod('web-1', { app: 'web' }))
  t.equal(made.status, 201)
  t.match(made.body, {
    ...{ kind: 'Pod', apiVersion: 'v1' },
    metadata: {
      ...{ name: 'web-1', namespace: 'shop', uid: /^[\da-f-]{36}$/, resourceVersion: '1' },
      creationTimestamp: '2030-01-01T00:00:00Z',
    },
  })
  t.match((await ask('GET', `${podsPath}/web-1`)).body, made.body)
  const listed = await ask('GET', podsPath)
  t.match(listed.body, { kind: 'PodList', apiVersion: 'v1', metadata: { resourceVersion: '1' } })
  t.equal(listed.body.items.length, 1)
  t.notOk('kind' in listed.body.items[0], 'items of built-in lists do not say what they are')
  const gone = await ask('DELETE', `${podsPath}/web-1?gracePeriodSeconds=0`)
  t.match(gone, { status: 200, body: { kind: 'Pod' } })
  t.strictSame(store.list(pods, 'shop'), [])
})

t.test('names are unique, or made up', async (t) => {
  const { ask } = await startApi(t)
  await ask('POST', podsPath, pod('web-1'))
  const again = await ask('POST', podsPath, pod('web-1'))
  t.match(again.body, {
    ...{ code: 409, reason: 'AlreadyExists', message: 'pods "web-1" already exists' },
    details: { name: 'web-1', kind: 'pods' },
  })
  const spec = pod('').spec
  const made = await ask('POST', podsPath, { metadata: { generateName: 'web-' }, spec })
  t.match(made.body.metadata.name, /^web-[a-z0-9]{5}$/)
})

t.test('a listing can be narrowed', async (t) => {
  const { ask } = await startApi(t)
  await ask('POST', podsPath, pod('a', { app: 'web', tier: 'front' }))
  await ask('POST', podsPath, pod('b', { app: 'web' }))
  await ask('POST', podsPath, pod('c', { app: 'db' }))
  const names = async (query: string) => {
    const { body } = await ask('GET', `${podsPath}?${query}`)
    return body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name).join('')
  }
  const byLabel = (selector: string) => names(`labelSelector=${encodeURIComponent(selector)}`)
  t.equal(await byLabel('app=web'), 'ab')
  t.equal(await byLabel('app==web,tier=front'), 'a')
  t.equal(await byLabel('app!=web'), 'c')
  t.equal(await byLabel('app in (web, db),!tier'), 'bc')
  t.equal(await byLabel('app notin (web)'), 'c')
  t.equal(await byLabel('tier'), 'a')
  t.equal(await names('fieldSelector=metadata.name%3Db'), 'b')
  t.equal((await ask('GET', `${podsPath}?labelSelector=a%20b%20c`)).status, 400)
  t.equal((await ask('GET', `${podsPath}?fieldSelector=spec.x%3Db`)).status, 400)
})

t.test('a listing of all namespaces is for those who may list everywhere', async (t) => {
  const { ask, access, store } = await startApi(t)
  const spec = { containers: [{ name: 'app', image: 'lab/app' }] }
  for (const namespace of ['shop', 'bank']) {
    store.create(pods, namespace, { metadata: { name: 'web-1' }, spec })
  }
  t.match((await ask('GET', '/api/v1/pods')).body, {
    ...{ code: 403, message: /cannot list resource "pods" .* at the cluster scope/ },
  })
  access.grantEverywhere('shop', 'web', everything)
  const { body } = await ask('GET', '/api/v1/pods')
  t.match(body, { kind: 'PodList' })
  t.match(body.items, [{ metadata: { namespace: 'shop' } }, { metadata: { namespace: 'bank' } }])
  t.equal((await ask('POST', '/api/v1/pods', pod('web-2'))).status, 405)
})

t.test('errors are Status objects', async (t) => {
  const { ask } = await startApi(t)
  t.match((await ask('GET', `${podsPath}/none`)).body, {
    ...{ kind: 'Status', code: 404, reason: 'NotFound', message: 'pods "none" not found' },
    details: { name: 'none', kind: 'pods' },
  })
  t.match((await ask('GET', `${bindingsPath}/none`)).body, {
    message: 'targetgroupbindings.elbv2.k8s.aws "none" not found',
  })
  t.match((await ask('PUT', `${podsPath}/none`)).body, { code: 405, reason: 'MethodNotAllowed' })
  t.match((await ask('POST', podsPath, '{')).body, { code: 400, reason: 'BadRequest' })
  t.match((await ask('POST', podsPath, { kind: 'Service' })).body, { code: 400 })
  const elsewhere = { metadata: { name: 'a', namespace: 'other' } }
  t.match((await ask('POST', podsPath, elsewhere)).body, { code: 400, message: /namespace/ })
  t.match((await ask('POST', podsPath, { metadata: { name: 'A_b' } })).body, {
    ...{ code: 422, reason: 'Invalid', message: /^Pod "A_b" is invalid: \[metadata.name: / },
    details: { kind: 'Pod', causes: [{}, { field: 'spec.containers' }] },
  })
})

t.test('an event is in the namespace of what it is about', async (t) => {
  const { ask, store } = await startApi(t)
  const path = '/api/v1/namespaces/shop/events'
  const metadata = { generateName: 'web-1.' }
  const wrong = await ask('POST', path, {
    metadata,
    involvedObject: { kind: 'Pod', name: 'web-1' },
  })
  t.match(wrong.body, {
    code: 422,
    message: /^Event "web-1\." is invalid: involvedObject.namespace/,
  })
  const involvedObject = { kind: 'Pod', name: 'web-1', namespace: 'shop' }
  t.equal((await ask('POST', path, { metadata, involvedObject, reason: 'Drained' })).status, 201)
  t.match(store.list(events, 'shop'), [{ reason: 'Drained' }])
})

t.test('a custom resource is shown in the version that was asked for', async (t) => {
  const { ask, resources } = await startApi(t)
  const binding = (spec: object) => ({ metadata: { name: 'web' }, spec })
  const serviceRef = { name: 'web', port: 80 }
  const bad = await ask('POST', bindingsPath, binding({ targetType: 'pod' }))
  t.equal(bad.body.code, 422)
  t.strictSame(
    bad.body.details.causes.map(({ field }: { field: string }) => field),
    ['spec.serviceRef.name', 'spec.serviceRef.port', 'spec.targetType'],
  )
  await ask('POST', bindingsPath, binding({ serviceRef, targetGroupARN: 'arn' }))
  const older = await ask('GET', bindingsPath.replace('v1beta1', 'v1alpha1'))
  t.match(older.body, { apiVersion: 'elbv2.k8s.aws/v1alpha1', kind: 'TargetGroupBindingList' })
  t.match(older.body.items, [{ apiVersion: 'elbv2.k8s.aws/v1alpha1', kind: 'TargetGroupBinding' }])
  t.match((await ask('DELETE', `${bindingsPath}/web`)).body, { kind: 'Status', status: 'Success' })

  const autoMode = '/apis/eks.amazonaws.com/v1/namespaces/shop/targetgroupbindings'
  t.match(await ask('GET', autoMode), { status: 404, text: '404 page not found\n' })
  resources.add(autoModeBindings)
  t.equal((await ask('GET', autoMode)).status, 200)
})

t.test('what is installed is told by discovery', async (t) => {
  const { ask, resources } = await startApi(t, [])
  t.match(await ask('GET', '/apis/elbv2.k8s.aws'), {
    status: 200,
    body: {
      ...{ kind: 'APIGroup', name: 'elbv2.k8s.aws' },
      versions: [{ version: 'v1beta1' }, { groupVersion: 'elbv2.k8s.aws/v1alpha1' }],
      preferredVersion: { groupVersion: 'elbv2.k8s.aws/v1beta1' },
    },
  })
  const missing = await ask('GET', '/apis/eks.amazonaws.com')
  t.match(missing, { status: 404, text: '404 page not found\n' })
  t.match(missing.headers['content-type'], /^text\/plain/)
  resources.add(autoModeBindings)
  resources.add(nodeDiagnostics)
  const { body } = await ask('GET', '/apis')
  t.strictSame(
    body.groups.map(({ name }: { name: string }) => name),
    [
      ...['apiregistration.k8s.io', 'authorization.k8s.io', 'apps'],
      ...['elbv2.k8s.aws', 'eks.amazonaws.com'],
    ],
  )
  t.match(body, { kind: 'APIGroupList', apiVersion: 'v1' })
  t.strictSame(body.groups.at(-1), {
    name: 'eks.amazonaws.com',
    versions: ['v1', 'v1alpha1'].map((version) => ({
      ...{ groupVersion: `eks.amazonaws.com/${version}`, version },
    })),
    preferredVersion: { groupVersion: 'eks.amazonaws.com/v1', version: 'v1' },
  })
  t.match((await ask('GET', '/apis/eks.amazonaws.com/v1alpha1')).body, {
    ...{ kind: 'APIResourceList', groupVersion: 'eks.amazonaws.com/v1alpha1' },
    resources: [{ name: 'nodediagnostics', namespaced: false }],
  })
  t.match((await ask('GET', '/api/v1')).body, { kind: 'APIResourceList', groupVersion: 'v1' })
  t.equal((await ask('GET', '/apis/elbv2.k8s.aws/v1')).status, 404)
  t.match((await ask('GET', '/version')).body, { minor: '36' })
  t.equal((await ask('GET', '/apis/eks.amazonaws.com/v1/namespaces/shop/none')).status, 403)
})

t.test('services and workloads are served as well', async (t) => {
  const { ask, store } = await startApi(t, everything)
  store.create(services, 'shop', { metadata: { name: 'web' }, spec: { selector: { app: 'web' } } })
  t.match((await ask('GET', '/api/v1/namespaces/shop/services/web')).body, { kind: 'Service' })
  t.match((await ask('GET', '/apis/apps/v1/namespaces/shop/deployments')).body, {
    ...{ kind: 'DeploymentList', items: [] },
  })
  await ask('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } })
})
