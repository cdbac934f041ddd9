import t from 'tap'
import type { PodSpec } from '../../../lab/kubelet/spec.ts'
import { pods, services } from '../../../lab/kubernetes/resources.ts'
import { core, everything, scene } from './scene.ts'

const wallMs = () => Date.parse('2030-01-01T00:00:00Z')
const bindings = 'namespaces/shop/targetgroupbindings'
const spec: PodSpec = { containers: [{ name: 'app', command: ['app'] }], gracePeriodMs: 45_000 }
const status = (code: number, reason: string, message: string) => ({
  status: code,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message },
})

t.test('errors are Status objects, in the words of the real one', async (t) => {
  const { ask, access } = await scene(t, wallMs)
  t.match(await ask('GET', `${core}/pods/web-1`), status(404, 'NotFound', 'pods "web-1" not found'))
  t.match(await ask('PUT', `${core}/pods/web-1`, {}), { status: 405 })
  t.match(
    await ask('GET', `${core}/pods`, undefined, 'none'),
    status(401, 'Unauthorized', 'Unauthorized'),
  )
  const twice = { metadata: { name: 'web' } }
  t.match(
    await ask('POST', `${core}/services`, twice),
    status(409, 'AlreadyExists', 'services "web" already exists'),
  )
  access.grant('shop', 'web', [])
  const user = 'User "system:serviceaccount:shop:web"'
  t.match(
    await ask('GET', `${core}/pods/web-1`),
    status(
      ...[403, 'Forbidden'],
      `pods "web-1" is forbidden: ${user} cannot get resource "pods" in API group "" in the namespace "shop"`,
    ),
  )
  t.match(
    await ask('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', {}),
    status(
      ...[403, 'Forbidden'],
      `subjectaccessreviews.authorization.k8s.io is forbidden: ${user} cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope`,
    ),
  )
})

t.test('what is not installed is not found, in plain text', async (t) => {
  const { ask } = await scene(t, wallMs)
  for (const path of ['/apis/eks.amazonaws.com', `/apis/elbv2.k8s.aws/v2/${bindings}`, '/none']) {
    t.match(await ask('GET', path), { status: 404, text: '404 page not found\n', body: {} })
  }
})

t.test('a custom resource in each of its versions', async (t) => {
  const { ask } = await scene(t, wallMs)
  t.match((await ask('GET', '/apis/elbv2.k8s.aws')).body, {
    ...{ kind: 'APIGroup', name: 'elbv2.k8s.aws' },
    versions: [{ version: 'v1beta1' }, { version: 'v1alpha1' }],
    preferredVersion: { version: 'v1beta1' },
  })
  for (const version of ['v1beta1', 'v1alpha1']) {
    const { body } = await ask('GET', `/apis/elbv2.k8s.aws/${version}/${bindings}/web`)
    t.equal(body.apiVersion, `elbv2.k8s.aws/${version}`)
  }
})

t.test('a list, and what a selector leaves of it', async (t) => {
  const { ask, store } = await scene(t, wallMs)
  store.create(services, 'shop', { metadata: { name: 'db', labels: { tier: 'back' } } })
  store.create(services, 'store', { metadata: { name: 'elsewhere' } })
  const named = async (query: string) =>
    (await ask('GET', `${core}/services${query}`)).body.items?.map(({ metadata }) => metadata.name)
  t.strictSame(await named(''), ['web', 'db'])
  t.strictSame(await named('?labelSelector=tier%3Dback'), ['db'])
})

t.test('a deletion keeps the object; a second one may shorten it, and no more', async (t) => {
  const { ask, run, deletions } = await scene(t, wallMs)
  await run('web-1', spec)
  const remove = async (query: string) =>
    (await ask('DELETE', `${core}/pods/web-1${query}`)).body.metadata
  t.match(await remove(''), {
    deletionTimestamp: '2030-01-01T00:00:45Z',
    deletionGracePeriodSeconds: 45,
  })
  t.match(await remove('?gracePeriodSeconds=60'), { deletionGracePeriodSeconds: 45 })
  t.match(await remove('?gracePeriodSeconds=5'), { deletionTimestamp: '2030-01-01T00:00:05Z' })
  t.match((await ask('GET', `${core}/pods/web-1`)).status, 200)
  await remove('?gracePeriodSeconds=0')
  t.match((await ask('GET', `${core}/pods/web-1`)).status, 404)
  t.strictSame(
    deletions.map(([, graceMs]) => graceMs),
    [45_000, 5_000, 0],
  )
})

t.test('permissions, as reviews tell them', async (t) => {
  const { ask, access } = await scene(t, wallMs)
  const review = async (path: string, verb: string, user?: string) => {
    const attributes = { namespace: 'shop', verb, group: '', resource: 'pods' }
    const body = { spec: { resourceAttributes: attributes, ...(user ? { user } : {}) } }
    return (await ask('POST', `/apis/authorization.k8s.io/v1/${path}`, body)).body.status?.allowed
  }
  t.equal(await review('selfsubjectaccessreviews', 'get'), true)
  t.equal(await review('selfsubjectaccessreviews', 'patch'), false)
  const other = 'system:serviceaccount:shop:other'
  t.equal(await review('subjectaccessreviews', 'get', other), false)
  access.grant('shop', 'other', everything)
  t.equal(await review('subjectaccessreviews', 'get', other), true)
  t.equal(await review('subjectaccessreviews', 'get', 'system:serviceaccount:store:other'), false)
})

t.test('a pod as the kubelet has it, until it has ended', async (t) => {
  const { run, store, selects, follow } = await scene(t, wallMs)
  await run('web-1', spec)
  t.match(store.get(pods, 'shop', 'web-1').status, { podIPs: [{ ip: '10.0.1.7' }] })
  t.equal(selects('web-1'), true)
  store.update(services, 'shop', 'web', (one) => ({ ...one, spec: { selector: { app: 'other' } } }))
  t.equal(selects('web-1'), false)
  follow({ kind: 'ended', pod: 'web-1', ip: '10.0.1.7', atMs: 0 })
  t.throws(() => store.get(pods, 'shop', 'web-1'), { code: 404 })
})
