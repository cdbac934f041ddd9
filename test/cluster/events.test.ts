import t from 'tap'
import type { Refusal } from '../../src/cluster/api/kubernetes-api.ts'
import { createEvents } from '../../src/cluster/events.ts'
import {
  namespacePath,
  podObject,
  podPath,
  refused,
  scriptedCluster,
  sourceOf,
} from '../support/scripted-cluster.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const path = `${namespacePath}/events`
const started = { reason: 'DrainStarted', type: 'Normal', message: 'held' } as const

function scene(answer: object) {
  const clock = createVirtualClock()
  const pod = podObject({ nodeName: 'node-1' })
  const api = scriptedCluster({ [podPath]: pod, [path]: answer })
  const untold: Refusal[] = []
  const events = createEvents({
    ...{ clock, source: sourceOf(api, clock) },
    untold: (refusal) => untold.push(refusal),
  })
  return { events, api, clock, untold }
}

t.test('an event on the pod', async (t) => {
  const { events, api, untold } = scene({ kind: 'Event' })
  events.emit(started)
  await events.told()
  t.match(api.created, [
    {
      metadata: { generateName: 'web-1.', namespace: 'shop' },
      // `kubectl describe` shows an event only by the pod's uid, though nobody had read the pod yet.
      involvedObject: { kind: 'Pod', name: 'web-1', namespace: 'shop', uid: 'u-1' },
      reason: 'DrainStarted',
      type: 'Normal',
      message: 'held',
      firstTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'draingate' },
    },
  ])
  t.strictSame(untold, [])
})

t.test('a message that is too long is cut', async (t) => {
  const { events, api } = scene({ kind: 'Event' })
  events.emit({ ...started, message: 'x'.repeat(2_000) })
  await events.told()
  const [{ message = '' } = {}] = api.created as { message?: string }[]
  t.equal(message.length, 1_024)
})

t.test('what may not be told is complained of once', async (t) => {
  const { events, untold } = scene(refused('denied', 403))
  events.emit(started)
  events.emit(started)
  await events.told()
  t.equal(untold.length, 1)
})
