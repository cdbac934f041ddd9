import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { leastRules } from '../../../lab/kubernetes/access.ts'
import { startControlPlane } from '../../../lab/kubernetes/control-plane.ts'
import { pods } from '../../../lab/kubernetes/resources.ts'
import type { ApiFault } from '../../../lab/kubernetes/server.ts'
import { createHttpsApi } from '../../../src/cluster/api/https.ts'
import { podRequest } from '../../../src/cluster/finding/api-source.ts'
import { clock } from '../../../src/time/clock.ts'

const never = new AbortController().signal
const wallMs = () => Date.parse('2030-01-01T00:00:00Z')
const getPod = podRequest({ namespace: 'shop', name: 'web-1' })

async function scene(t: Test) {
  const { store, access, server } = await startControlPlane(wallMs)
  t.teardown(() => server.close())
  access.grant('shop', 'web', leastRules)
  store.create(pods, 'shop', { metadata: { name: 'web-1' }, spec: {} })
  const issue = (lifetimeMs = 3_600_000) =>
    access.issue({ namespace: 'shop', account: 'web', lifetimeMs })
  const token = issue()
  const directory = t.testdir({ token, 'ca.crt': server.ca })
  const api = createHttpsApi(clock, { ...server, directory })
  return { store, access, server, directory, token, issue, api }
}

t.test('an object, with the time of day of the API server', async (t) => {
  const { api } = await scene(t)
  const answer = await api.ask(getPod, never)
  t.match(answer, { kind: 'answer', body: { kind: 'Pod' }, serverMs: wallMs() })
})

t.test('an object that does not exist', async (t) => {
  const { api } = await scene(t)
  const request = podRequest({ namespace: 'shop', name: 'web-2' })
  t.match(await api.ask(request, never), { kind: 'gone', said: /pods "web-2" not found$/ })
})

t.test('an event is created', async (t) => {
  const { api } = await scene(t)
  const request = {
    ...getPod,
    verb: 'create',
    resource: 'events',
    body: { metadata: { generateName: 'web-1.' }, involvedObject: { namespace: 'shop' } },
  } as const
  const { name: _none, ...create } = request
  t.match(await api.ask(create, never), { kind: 'answer', body: { kind: 'Event' } })
})

t.test('what may not be done names the rule that lacks', async (t) => {
  const { api, access } = await scene(t)
  access.grant('shop', 'web', [])
  t.match(await api.ask(getPod, never), {
    ...{ kind: 'denied', status: 403 },
    said: 'get pods web-1: forbidden; add {apiGroups: [""], resources: ["pods"], verbs: ["get"]} to a Role of shop:web',
  })
})

t.test('a token that is put in the place of another is used', async (t) => {
  const { api, access, token, issue, directory } = await scene(t)
  access.revoke(token)
  t.match(await api.ask(getPod, never), { kind: 'denied', status: 401, said: /is not accepted$/ })
  const second = issue()
  writeFileSync(join(directory, 'token'), second)
  t.match(await api.ask(getPod, never), { kind: 'answer' })
  access.revoke(second)
  writeFileSync(join(directory, 'token'), issue(-1_000))
  t.match(await api.ask(getPod, never), { status: 401, said: /is not accepted$/ })
  t.match(await api.ask(getPod, never), { status: 401, said: /has expired$/ })
})

const faults: [ApiFault, object][] = [
  [{ kind: 'status', code: 429 }, { kind: 'throttled' }],
  [{ kind: 'status', code: 500 }, { kind: 'unreachable' }],
  [{ kind: 'status', code: 503 }, { kind: 'unreachable' }],
  [{ kind: 'reset' }, { kind: 'unreachable' }],
  [{ kind: 'truncated' }, { kind: 'malformed' }],
  [{ kind: 'html' }, { kind: 'malformed' }],
  [{ kind: 'page-not-found' }, { kind: 'malformed', status: 404 }],
  [{ kind: 'huge' }, { kind: 'unreachable', said: /without end/ }],
  [{ kind: 'hang' }, { kind: 'unreachable', said: /nothing within 5 s/ }],
  [{ kind: 'hang-in-body' }, { kind: 'unreachable', said: /nothing within 5 s/ }],
]

t.test('faults', async (t) => {
  t.jobs = 4
  for (const [fault, expected] of faults) {
    const what = fault.kind === 'status' ? `status ${fault.code}` : fault.kind
    t.test(what, { buffered: true }, async (t) => {
      const { api, server } = await scene(t)
      server.break('/pods/', fault)
      t.match(await api.ask(getPod, never), expected)
      server.mend()
      t.match(await api.ask(getPod, never), { kind: 'answer' })
    })
  }
})

t.test('nobody there, another CA, no token', async (t) => {
  const { server, directory } = await scene(t)
  const at = (place: object) => createHttpsApi(clock, { ...server, directory, ...place })
  t.match(await at({ port: 1 }).ask(getPod, never), { said: /ECONNREFUSED/ })
  const other = await scene(t)
  const stranger = at({ directory: other.directory })
  t.match(await stranger.ask(getPod, never), { kind: 'unreachable' })
  t.match(await at({ directory: '/none' }).ask(getPod, never), {
    kind: 'denied',
    said: 'get pods web-1: cannot read /none/token (ENOENT): set automountServiceAccountToken: true',
  })
})

t.test('one handshake, however many questions', async (t) => {
  const { api, server } = await scene(t)
  for (let nth = 0; nth < 3; nth++) t.match(await api.ask(getPod, never), { kind: 'answer' })
  t.equal(server.resumed(), 2)
})
