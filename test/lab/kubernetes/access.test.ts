import t from 'tap'
import { leastRules } from '../../../lab/kubernetes/access.ts'
import { pods } from '../../../lab/kubernetes/resources.ts'
import { bindingsPath, pod, podsPath, startApi } from './api.ts'

const user = 'system:serviceaccount:shop:web'

t.test('a token is that of a service account, until it expires or is revoked', async (t) => {
  const { access, issue, time, ask, store } = await startApi(t)
  store.create(pods, 'shop', pod('web-1'))
  const token = issue(10_000)
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
  t.match(claims, { sub: user, exp: Math.floor(time.wallMs / 1_000) + 10 })
  const asked = (authorization: string) =>
    ask('GET', `${podsPath}/web-1`, undefined, { authorization })
  t.equal((await asked(`Bearer ${token}`)).status, 200)
  t.equal((await asked(token)).status, 401, 'no Bearer')
  time.wallMs += 10_000
  const { status, body } = await asked(`Bearer ${token}`)
  t.equal(status, 401)
  t.strictSame(body, {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
    ...{ message: 'Unauthorized', reason: 'Unauthorized', code: 401 },
  })
  const other = issue()
  access.revoke(other)
  t.equal((await asked(`Bearer ${other}`)).status, 401)
})

t.test('a token that is bound to a pod ends with it', async (t) => {
  const { access, ask } = await startApi(t)
  const bound = { name: 'web-1', uid: 'u-1' }
  const options = { namespace: 'shop', account: 'web' }
  const authorization = `Bearer ${access.issue({ ...options, pod: bound })}`
  t.equal((await ask('GET', podsPath, undefined, { authorization })).status, 200)
  access.revokeOf('u-1')
  t.equal((await ask('GET', podsPath, undefined, { authorization })).status, 401)
})

t.test('without a token only health is told', async (t) => {
  const { ask } = await startApi(t)
  const none = { authorization: [] }
  t.match(await ask('GET', '/readyz', undefined, none), { status: 200, text: 'ok' })
  t.equal((await ask('GET', podsPath, undefined, none)).status, 401)
  t.equal((await ask('GET', '/version', undefined, none)).status, 401)
  t.equal((await ask('GET', '/readyz', undefined, { authorization: 'Bearer x' })).status, 401)
})

t.test('what no Role allows is refused in the real words', async (t) => {
  const { ask } = await startApi(t, [])
  const one = await ask('GET', `${podsPath}/x`)
  t.equal(one.status, 403)
  t.strictSame(one.body, {
    ...{ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure' },
    message: `pods "x" is forbidden: User "${user}" cannot get resource "pods" in API group "" in the namespace "shop"`,
    ...{ reason: 'Forbidden', details: { name: 'x', kind: 'pods' }, code: 403 },
  })
  const all = await ask('GET', bindingsPath)
  t.equal(
    all.body.message,
    `targetgroupbindings.elbv2.k8s.aws is forbidden: User "${user}" cannot list resource "targetgroupbindings" in API group "elbv2.k8s.aws" in the namespace "shop"`,
  )
  t.strictSame(all.body.details, { group: 'elbv2.k8s.aws', kind: 'targetgroupbindings' })
  t.match((await ask('DELETE', `${podsPath}/x`)).body.message, /cannot delete resource/)
  t.match((await ask('POST', podsPath, pod('x'))).body.message, /cannot create resource/)
  t.match((await ask('GET', '/api/v1/pods')).body.message, /at the cluster scope$/)
})

t.test('a Role is of one namespace, and may be of single names', async (t) => {
  const rule = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }
  const { ask, access, store } = await startApi(t, [{ ...rule, resourceNames: ['web-1'] }])
  store.create(pods, 'shop', pod('web-1'))
  store.create(pods, 'other', pod('web-1'))
  t.equal((await ask('GET', `${podsPath}/web-1`)).status, 200)
  t.equal((await ask('GET', `${podsPath}/web-2`)).status, 403)
  t.equal((await ask('GET', podsPath)).status, 403, 'no name is none of them')
  const elsewhere = '/api/v1/namespaces/other/pods/web-1'
  t.equal((await ask('GET', elsewhere)).status, 403)
  access.grant('other', 'web', [rule], 'shop')
  t.equal((await ask('GET', elsewhere)).status, 200)
})

t.test('who may do something can be asked', async (t) => {
  const { ask } = await startApi(t, leastRules)
  const root = '/apis/authorization.k8s.io/v1'
  const review = async (verb: string, resource: string, group = '') => {
    const resourceAttributes = { namespace: 'shop', verb, resource, group }
    const { body } = await ask('POST', `${root}/selfsubjectaccessreviews`, {
      spec: { resourceAttributes },
    })
    return body.status.allowed
  }
  t.equal(await review('get', 'pods'), true)
  t.equal(await review('list', 'pods'), false)
  t.equal(await review('list', 'targetgroupbindings', 'elbv2.k8s.aws'), true)
  const rules = await ask('POST', `${root}/selfsubjectrulesreviews`, {
    spec: { namespace: 'shop' },
  })
  t.equal(rules.status, 201)
  t.match(rules.body.status.resourceRules.slice(1), leastRules)
  const other = await ask('POST', `${root}/subjectaccessreviews`, { spec: { user } })
  t.equal(other.status, 403, 'about others not everybody may')
})

t.test("a ClusterRole's rules are of every namespace, and of none", async (t) => {
  const { ask, access } = await startApi(t, [])
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const resourceAttributes = { namespace: 'store', verb: 'get', group: '', resource: 'pods' }
  const review = { spec: { user, resourceAttributes } }
  const refusal = await ask('POST', path, review)
  t.equal(refusal.status, 403)
  t.match(refusal.body.message, /at the cluster scope$/)
  access.grantEverywhere('shop', 'web', [
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
  ])
  t.match(await ask('POST', path, review), { status: 201, body: { status: { allowed: true } } })
  t.equal((await ask('GET', podsPath)).status, 403, 'and no others')
})

t.test('rules of a group: of those who have a token, and of a review that names it', async (t) => {
  const { ask, access } = await startApi(t, [])
  const group = 'system:serviceaccounts:shop'
  access.grantGroup('shop', group, leastRules)
  t.equal((await ask('GET', podsPath)).status, 403, 'they may get, and not list')
  t.equal((await ask('GET', `${podsPath}/web-1`)).status, 404)
  access.grantEverywhere('shop', 'web', [
    { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ])
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const resourceAttributes = { namespace: 'shop', verb: 'get', group: '', resource: 'pods' }
  const review = async (groups?: string[]) => {
    const { body } = await ask('POST', path, { spec: { user, groups, resourceAttributes } })
    return body.status.allowed
  }
  t.equal(await review(), false)
  t.equal(await review([group]), true)
})
