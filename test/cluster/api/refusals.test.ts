import t from 'tap'
import { refusalOf, unreachable } from '../../../src/cluster/api/refusals.ts'
import type { Request } from '../../../src/cluster/api/request.ts'

const request: Request = {
  ...{ verb: 'list', group: 'elbv2.k8s.aws', version: 'v1beta1', namespace: 'shop' },
  resource: 'targetgroupbindings',
}
const status = (code: number, message: string) =>
  JSON.stringify({ kind: 'Status', status: 'Failure', code, message })
const serverMs = Date.parse('2026-01-01T00:00:00Z')
const read = (code: number, body: string, token = 'x') =>
  refusalOf({ status: code, body, serverMs, token }, 'list targetgroupbindings', request)

t.test('forbidden: the rule to add, and for whom', async (t) => {
  const message =
    'targetgroupbindings.elbv2.k8s.aws is forbidden: User "system:serviceaccount:shop:web" cannot list resource "targetgroupbindings"'
  t.strictSame(read(403, status(403, message)), {
    kind: 'denied',
    said: 'list targetgroupbindings: forbidden; add {apiGroups: ["elbv2.k8s.aws"], resources: ["targetgroupbindings"], verbs: ["list"]} to a Role of shop:web',
    status: 403,
  })
  t.match(read(403, '<html>'), { said: /to a Role of the pod's service account$/ })
})

const getPod: Request = {
  ...{ verb: 'get', group: '', version: 'v1', namespace: 'shop' },
  ...{ resource: 'pods', name: 'web-1' },
}
const notFound = {
  ...{ kind: 'Status', status: 'Failure', reason: 'NotFound', code: 404 },
  ...{ message: 'pods "web-1" not found', details: { name: 'web-1', kind: 'pods' } },
}
const read404 = (body: object | string, ...of: [request?: Request]) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const [about] = of.length > 0 ? of : [getPod]
  return refusalOf({ status: 404, body: text, serverMs, token: 'x' }, 'get pods web-1', about)
}

t.test('what does not exist, in the words of the API server', async (t) => {
  t.strictSame(read404(notFound), {
    ...{ kind: 'gone', status: 404, said: 'get pods web-1: pods "web-1" not found' },
  })
  const details = { name: 'web-a', group: 'elbv2.k8s.aws', kind: 'targetgroupbindings' }
  const binding: Request = { ...request, verb: 'get', name: 'web-a' }
  t.match(read404({ ...notFound, details }, binding), { kind: 'gone' })
})

t.test('a 404 of anybody else says nothing of the object', async (t) => {
  const others: (object | string)[] = [
    '404 page not found\n',
    '<html>Not Found</html>',
    '',
    '{}',
    { ...notFound, kind: 'Error' },
    { ...notFound, reason: 'Gone' },
    { ...notFound, details: undefined },
    { ...notFound, details: { name: 'shop', kind: 'namespaces' } },
    { ...notFound, details: { name: 'web-2', kind: 'pods' } },
    { ...notFound, details: { ...notFound.details, group: 'other' } },
  ]
  for (const body of others) t.match(read404(body), { kind: 'malformed', status: 404 })
  t.match(read404('404 page not found\n'), {
    said: 'get pods web-1: a 404 that is not of the API server (404 page not found): is a proxy in between?',
  })
  t.match(read404(notFound, undefined), { kind: 'malformed' }, 'a path that is no object')
  t.match(read404(notFound, { ...request, resource: 'pods' }), { kind: 'malformed' }, 'a list')
})

t.test('the other answers that are none', async (t) => {
  t.match(read(429, status(429, 'slow down')), { kind: 'throttled' })
  t.match(read(500, status(500, 'etcd\nis gone')), {
    kind: 'unreachable',
    said: /500 etcd is gone$/,
  })
  t.match(read(503, ''), { kind: 'unreachable', said: /answered 503$/ })
  t.match(read(422, status(422, 'wrong')), { kind: 'malformed' })
  t.ok(read(500, 'x'.repeat(5_000)).said.length < 300)
})

t.test('a token that is not accepted: too old, or of a pod that is gone', async (t) => {
  const tokenUntil = (seconds: number) =>
    `h.${Buffer.from(JSON.stringify({ exp: seconds })).toString('base64url')}.s`
  const now = serverMs / 1_000
  t.match(read(401, '', tokenUntil(now - 1)), { kind: 'denied', said: /has expired$/ })
  t.match(read(401, '', tokenUntil(now + 60)), { kind: 'denied', said: /is not accepted$/ })
  t.match(read(401, '', 'opaque'), { said: /is not accepted$/ })
})

t.test('no answer', async (t) => {
  const error = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
  t.match(unreachable(error, 'get pods'), { kind: 'unreachable', said: /\(ECONNREFUSED\)$/ })
  const late = Object.assign(new Error('nothing within 5 s'), { name: 'TimeoutError' })
  t.match(unreachable(late, 'get pods'), { said: /\(nothing within 5 s\)$/ })
})
