import t from 'tap'
import type { Request } from '../../../src/cluster/api/request.ts'
import { podRequest } from '../../../src/cluster/finding/api-source.ts'
import { createSharedApi } from '../../../src/lookout/looking/shared-api.ts'
import { caller, never } from '../../support/lookout-scene.ts'
import {
  namespacePath,
  ordinary,
  podPath,
  refused,
  scriptedCluster,
} from '../../support/scripted-cluster.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const get = podRequest(caller)
const create: Request = {
  ...{
    verb: 'create',
    group: '',
    version: 'v1',
    namespace: 'shop',
    resource: 'events',
    body: { a: 1 },
  },
}

function scene(answerMs = 50) {
  const clock = createVirtualClock()
  const api = scriptedCluster({ ...ordinary(), [`${namespacePath}/events`]: { kind: 'Event' } })
  const slow: typeof api = {
    ...api,
    async ask(request, signal) {
      const answer = api.ask(request, signal)
      await clock.sleepUntil(clock.now() + answerMs, signal)
      return signal.aborted ? refused('unreachable', 0) : answer
    },
  }
  return { clock, api, shared: createSharedApi(slow, clock) }
}

t.test('who reads before it is read shares what is read', async (t) => {
  const { clock, api, shared } = scene()
  const early = [1, 2, 3].map(() => shared.ask(get, never))
  await clock.advance(10)
  const late = shared.ask(get, never)
  for (const answer of await clock.runUntil(Promise.all([...early, late]))) {
    t.match(answer, { kind: 'answer', body: { kind: 'Pod' } })
  }
  // The first one's is begun at once; whoever came later is told of later.
  t.strictSame(api.asked, [podPath, podPath])
})

t.test('each path is read by itself', async (t) => {
  const { clock, api, shared } = scene()
  await clock.runUntil(Promise.all([shared.ask(get, never), shared.get('/apis', never)]))
  t.strictSame([...api.asked].sort(), [podPath, '/apis'])
})

t.test('what is created is created for each', async (t) => {
  const { clock, api, shared } = scene()
  await clock.runUntil(Promise.all([1, 2, 3].map(() => shared.ask(create, never))))
  t.equal(api.created.length, 3)
})

t.test('who hangs up ends nothing for the others', async (t) => {
  const { clock, shared } = scene()
  const leaver = new AbortController()
  const left = shared.ask(get, leaver.signal)
  const stayed = shared.ask(get, never)
  await clock.advance(10)
  leaver.abort()
  t.match(await clock.runUntil(left), { kind: 'unreachable' })
  t.match(await clock.runUntil(stayed), { kind: 'answer' })
})

t.test('a refusal is told to all, and is no reason to wait', async (t) => {
  const { clock, api, shared } = scene()
  api.script[podPath] = refused('denied', 403)
  const asked = [shared.ask(get, never), shared.ask(get, never)]
  for (const answer of await clock.runUntil(Promise.all(asked)))
    t.match(answer, { kind: 'denied', status: 403 })
  t.equal(clock.now(), 250, 'a rest in between, and no more')
})

t.test('an API server that never answers', async (t) => {
  const { clock, shared } = scene(60_000)
  const asked = shared.ask(get, never)
  t.match(await clock.runUntil(asked), {
    kind: 'unreachable',
    said: /pods\/web-1: .* has not answered/,
  })
  t.equal(clock.now(), 8_000)
})
