import t from 'tap'
import type { Question } from '../../../src/lookout/wire/questions.ts'
import { caller, lookoutScene, never, web } from '../../support/lookout-scene.ts'
import {
  arnOfGroup,
  bindingsPath,
  controllerPath,
  namespacePath,
  podObject,
  podPath,
  refused,
} from '../../support/scripted-cluster.ts'

const look: Question & { kind: 'look' } = { kind: 'look', group: web, patienceMs: 20_000 }
const patienceMs = 20_000
const describe: Question & { kind: 'describe' } = {
  kind: 'describe',
  group: web,
  wanted: ['delay'],
  patienceMs,
}
const search: Question = { kind: 'search', patienceMs }

function scene(allowed?: readonly string[]) {
  const parts = lookoutScene(allowed)
  const { clock, answer } = parts
  const ask = (question: Question, by: object = {}) =>
    clock.runUntil(answer({ ...caller, ...by }, question, never))
  return { ...parts, ask }
}

t.test('a pod is told what a listing shows of itself', async (t) => {
  const { ask, aws } = scene()
  t.match(await ask(look), {
    answer: {
      sightings: [{ target: { group: web, id: '10.0.1.7', port: 8080 }, state: 'healthy' }],
      ...{ kind: 'seen', group: 'serving', othersDraining: 1 },
    },
    waitedMs: 0,
  })
  t.match(await ask(describe), {
    answer: { facts: { deregistrationDelayMs: 30_000 }, missing: [] },
  })
  t.equal(aws.calls.length, 2)
})

t.test('a pod that has another address by now is not taken to be gone', async (t) => {
  const { ask, aws, api, clock } = scene()
  await ask(look)
  await clock.advance(10_000)
  aws.targets[web] = { '10.0.9.9': 'healthy' }
  api.script[podPath] = podObject({}, {}, { podIPs: [{ ip: '10.0.9.9' }] })
  t.match(await ask(look), { answer: { sightings: [{ target: { id: '10.0.9.9' } }] } })
  aws.targets[web] = { '10.0.9.9': 'draining' }
  api.script[podPath] = refused('gone', 404)
  t.match(await ask(look), { answer: { sightings: [{ state: 'draining' }] } })
  aws.targets[web] = {}
  t.match(await ask(look), { answer: { kind: 'seen', sightings: [] } })
})

t.test('a group of others is not listed for it', async (t) => {
  const { ask, aws, api } = scene()
  const group = arnOfGroup('others')
  const path = bindingsPath(controllerPath, 'v1beta1').replace('/shop/', '/other/')
  api.script[path] = { items: [] }
  t.match(await ask({ ...look, group }), {
    answer: { kind: 'denied', said: /others.*shop has none/ },
  })
  t.match(await ask({ ...describe, group }), { answer: { missing: [{ kind: 'denied' }] } })
  t.match(await ask(look, { namespace: 'other' }), { answer: { kind: 'denied' } })
  t.strictSame(aws.calls, [])
})

t.test('a group that is gone is said to be gone', async (t) => {
  const { ask, aws } = scene()
  aws.failure = { kind: 'gone', said: 'the target group does not exist' }
  t.match(await ask(look), { answer: { kind: 'gone' } })
})

t.test('a pod that is gone is no group that is gone: that would let it go at once', async (t) => {
  const { ask, api, aws } = scene()
  for (const object of [podObject({}, { uid: 'u-2' }), refused('gone', 404)]) {
    api.script[podPath] = object
    t.match(await ask(look), {
      answer: { kind: /denied|unreachable|malformed/, said: /get pods|gone/ },
    })
  }
  t.strictSame(aws.calls, [])
})

t.test('nor are bindings that cannot be listed', async (t) => {
  const { ask, api } = scene()
  api.script[bindingsPath(controllerPath, 'v1beta1')] = refused('gone', 410)
  const { answer } = await ask(look)
  t.notMatch(answer, { kind: 'gone' })
  t.match(answer, { said: /by script/ })
  const { answer: described } = await ask(describe)
  t.match(described, { facts: {}, missing: [{ said: /by script/ }] })
})

t.test('without an address every listing would look as if the pod were not in it', async (t) => {
  const { ask, api, aws } = scene()
  api.script[podPath] = podObject({}, {}, { podIP: undefined, podIPs: [] })
  t.match(await ask(look), { answer: { kind: 'malformed', said: /no address/ } })
  t.strictSame(aws.calls, [])
  api.script[podPath] = podObject()
  t.match(await ask(look), { answer: { kind: 'seen' } }, 'none is not kept')
})

t.test('an answer says how long it waited, with what had to be read before', async (t) => {
  const { ask, api, clock } = scene()
  const read = api.ask
  api.ask = async (request, signal) => {
    await clock.sleepUntil(clock.now() + 3_000, never)
    return read(request, signal)
  }
  const before = clock.now()
  const { answer, waitedMs = 0 } = await ask(look)
  t.match(answer, { kind: 'seen' })
  // A call takes 50 ms, and began when the question had waited.
  t.equal(before + waitedMs + 50, clock.now())
})

t.test('nobody waits longer than it is patient, whatever had to be read before', async (t) => {
  const { ask, api, aws, clock } = scene()
  const read = api.ask
  api.ask = async (request, signal) => {
    await clock.sleepUntil(clock.now() + 3_000, never)
    return read(request, signal)
  }
  aws.failure = { kind: 'throttled', said: 'too often' }
  t.match(await ask(look), { answer: { kind: 'throttled', said: /no turn/ } })
  t.ok(clock.now() <= 20_000, `${clock.now()}`)
})

t.test('the pod, its search and its events', async (t) => {
  const { ask, api } = scene()
  t.match(await ask({ kind: 'pod' }), {
    answer: { kind: 'pod', object: { metadata: { uid: 'u-1' } } },
  })
  t.match(await ask(search), {
    answer: { kind: 'discovery', bindings: [{ name: 'web-a', claim: 'bound' }] },
  })
  t.match(await ask({ kind: 'pod' }, { uid: 'u-0' }), { answer: { kind: 'gone' } })
  t.match(await ask(search, { uid: 'u-0' }), { answer: { kind: 'gone' } })
  const event = { reason: 'Drained', type: 'Normal', message: 'after 30 s' } as const
  t.match(await ask({ kind: 'event', event }), { answer: { status: 404 } })
  api.script[`${namespacePath}/events`] = { kind: 'Event' }
  t.strictSame(await ask({ kind: 'event', event }), { answer: { kind: 'told' } })
  t.match(api.created.at(-1), {
    involvedObject: { namespace: 'shop', name: 'web-1', uid: 'u-1' },
    source: { host: 'node-1' },
  })
})
