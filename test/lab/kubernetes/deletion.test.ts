import t from 'tap'
import { pods } from '../../../lab/kubernetes/resources.ts'
import { createStore } from '../../../lab/kubernetes/store.ts'
import { pod, podsPath, startApi } from './api.ts'

const path = `${podsPath}/web-1`

async function setUp(t: Parameters<typeof startApi>[0]) {
  const api = await startApi(t)
  api.store.create(pods, 'shop', pod('web-1'))
  return api
}

t.test('a pod stays for its grace period', async (t) => {
  const { ask, store } = await setUp(t)
  const { body } = await ask('DELETE', path)
  t.match(body.metadata, {
    deletionTimestamp: '2030-01-01T00:00:30Z',
    deletionGracePeriodSeconds: 30,
  })
  t.match((await ask('GET', path)).body.metadata, body.metadata)
  store.remove(pods, 'shop', 'web-1')
  t.equal((await ask('GET', path)).status, 404)
})

t.test(
  'a shorter grace period counts from the first deletion, a longer one not at all',
  async (t) => {
    const { ask, time } = await setUp(t)
    await ask('DELETE', `${path}?gracePeriodSeconds=60`)
    time.wallMs += 5_000
    const longer = await ask('DELETE', path, { gracePeriodSeconds: 100 })
    t.match(longer.body.metadata, { deletionTimestamp: '2030-01-01T00:01:00Z' })
    const shorter = await ask('DELETE', path, { gracePeriodSeconds: 20 })
    t.match(shorter.body.metadata, {
      deletionTimestamp: '2030-01-01T00:00:20Z',
      deletionGracePeriodSeconds: 20,
    })
    t.match((await ask('DELETE', path)).body.metadata, { deletionGracePeriodSeconds: 20 })
    t.equal((await ask('DELETE', path, { gracePeriodSeconds: 0 })).status, 200)
    t.equal((await ask('GET', path)).status, 404, 'by force it is gone at once')
  },
)

t.test('a deletion can be of one object only', async (t) => {
  const { ask, store } = await setUp(t)
  const wrong = await ask('DELETE', path, { preconditions: { uid: 'other' } })
  t.match(wrong.body, {
    code: 409,
    reason: 'Conflict',
    message: /UID in the precondition \(other\)/,
  })
  const { uid, resourceVersion } = store.get(pods, 'shop', 'web-1').metadata
  const old = await ask('DELETE', path, { preconditions: { resourceVersion: '0' } })
  t.equal(old.status, 409)
  t.equal((await ask('DELETE', path, { preconditions: { uid, resourceVersion } })).status, 200)
  t.equal((await ask('DELETE', `${path}?gracePeriodSeconds=soon`)).status, 400)
})

t.test('a pod that nobody runs goes at once', async (t) => {
  const store = createStore({ wallMs: () => 0 })
  const changes: string[] = []
  const stop = store.follow(pods, ({ kind, name }) => changes.push(`${kind} ${name}`))
  store.create(pods, 'shop', { metadata: { name: 'pending' }, spec: {} })
  store.delete(pods, 'shop', 'pending')
  store.create(pods, 'shop', { ...pod('done'), status: { phase: 'Succeeded' } })
  store.delete(pods, 'shop', 'done')
  store.create(pods, 'shop', pod('runs'))
  store.delete(pods, 'shop', 'runs', -1)
  t.equal(store.get(pods, 'shop', 'runs').metadata.deletionGracePeriodSeconds, 1)
  stop()
  store.remove(pods, 'shop', 'runs')
  t.strictSame(changes, [
    ...['added pending', 'deleted pending', 'added done', 'deleted done'],
    ...['added runs', 'modified runs'],
  ])
})
