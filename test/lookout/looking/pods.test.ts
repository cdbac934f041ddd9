import t from 'tap'
import { caller, lookoutScene, never, web } from '../../support/lookout-scene.ts'
import { noGroup } from '../../support/scripted-aws.ts'
import {
  arnOfGroup,
  binding,
  bindingsPath,
  controllerPath,
  namespacePath,
  podObject,
  podPath,
  refused,
} from '../../support/scripted-cluster.ts'

const wait = { patienceMs: 20_000, signal: never }
const named = (name: string, service = 'web') =>
  binding(name, service, { targetGroupARN: undefined, targetGroupName: name })

function scene(...items: object[]) {
  const parts = lookoutScene()
  const { api, clock, pods } = parts
  if (items.length > 0) api.script[bindingsPath(controllerPath, 'v1beta1')] = { items }
  return { ...parts, search: (by = caller) => clock.runUntil(pods.search(by, wait)) }
}

t.test('a pod is told of itself, and not of the next one of its name', async (t) => {
  const { pods, api } = scene()
  t.match(await pods.read(caller, never), { kind: 'pod', serverMs: api.serverMs })
  const before = { ...caller, uid: 'u-0' }
  const gone = { kind: 'gone', said: /another pod has this name/ }
  t.match(await pods.read(before, never), gone)
  t.match(await pods.ipsOf(before, 'known', never), gone)
  api.script[podPath] = { kind: 'Pod' }
  t.match(await pods.read(caller, never), { kind: 'malformed' })
  api.script[podPath] = refused('unreachable', 503)
  t.match(await pods.read(caller, never), { kind: 'unreachable', status: 503 })
})

t.test(
  'its addresses are known for as long as it may ask, whatever the API server says then',
  async (t) => {
    const { pods, api } = scene()
    t.strictSame(await pods.ipsOf(caller, 'known', never), ['10.0.1.7', 'fd00::7'])
    for (const object of [
      podObject({}, { uid: 'u-2' }, { podIPs: [{ ip: '10.9.9.9' }] }),
      refused('gone', 404),
    ]) {
      api.script[podPath] = object
      t.strictSame(await pods.ipsOf(caller, 'known', never), ['10.0.1.7', 'fd00::7'])
    }
    api.script[podPath] = podObject({}, { uid: 'u-2' }, { podIPs: [{ ip: '10.9.9.9' }] })
    t.strictSame(await pods.ipsOf({ ...caller, uid: 'u-2' }, 'known', never), ['10.9.9.9'])
    api.script[podPath] = podObject({}, {}, { podIP: undefined, podIPs: undefined })
    await pods.read(caller, never)
    t.strictSame(
      await pods.ipsOf(caller, 'known', never),
      ['10.0.1.7', 'fd00::7'],
      'an ended pod may have none',
    )
  },
)

t.test('a pod whose sandbox is made anew has other addresses', async (t) => {
  const { pods, api, clock } = scene()
  await pods.ipsOf(caller, 'known', never)
  api.script[podPath] = podObject({}, {}, { podIPs: [{ ip: '10.0.9.9' }] })
  await clock.advance(10_000)
  t.strictSame(await pods.ipsOf(caller, 'known', never), ['10.0.1.7', 'fd00::7'])
  t.strictSame(await pods.ipsOf(caller, 'newer', never), ['10.0.9.9'])
  t.strictSame(await pods.ipsOf(caller, 'known', never), ['10.0.9.9'])
})

t.test('a pod has ten events a minute told of itself, and others theirs', async (t) => {
  const { pods, api, clock } = scene()
  api.script[`${namespacePath}/events`] = { kind: 'Event' }
  const event = { reason: 'Drained', type: 'Normal', message: 'x' } as const
  const tell = async (uid: string, times: number) => {
    const all = Array.from({ length: times }, () => pods.tell({ ...caller, uid }, event, never))
    return (await Promise.all(all)).filter((one) => one === 'told').length
  }
  t.equal(await tell('u-1', 12), 10)
  t.equal(await tell('u-2', 2), 2)
  await clock.advance(60_000)
  t.equal(await tell('u-1', 1), 1)
})

t.test('a search tells the ARN of a group that is only named', async (t) => {
  const { search, aws, namespaces } = scene(binding('web-a', 'web'), named('web-b'))
  aws.arns['web-b'] = arnOfGroup('web-b')
  const found = await search()
  t.match(found, {
    bindings: [
      { name: 'web-a', arn: web },
      { name: 'web-b', arn: arnOfGroup('web-b'), groupName: 'web-b' },
    ],
    ...{ missing: [], narrowed: [] },
  })
  const group = await namespaces.groupOf('shop', arnOfGroup('web-b'))
  t.match(group, { arn: arnOfGroup('web-b') }, 'it may ask about it from now on')
})

t.test('one whose name leads nowhere hides nothing, one that nobody told of may', async (t) => {
  const { search, aws } = scene(binding('web-a', 'web'), named('web-b'))
  aws.failure = noGroup
  const said = 'TargetGroupBinding web-b: the target group does not exist'
  t.match(await search(), {
    bindings: { length: 1 },
    missing: [],
    narrowed: [{ kind: 'gone', said }],
  })
  for (const kind of ['denied', 'unreachable'] as const) {
    aws.failure = { kind, said: 'why' }
    const missing = [{ kind, said: 'TargetGroupBinding web-b: why' }]
    t.match(await search(), { bindings: { length: 1 }, missing, narrowed: [] })
  }
  aws.failure = { kind: 'throttled', said: 'why' }
  t.match(await search(), { missing: [{ kind: 'throttled' }] })
})

t.test('what is only possible is told with its ARN as well', async (t) => {
  const { search, aws } = scene(named('db', 'db'))
  aws.arns.db = arnOfGroup('db')
  t.match(await search(), { bindings: [], possible: [{ name: 'db', arn: arnOfGroup('db') }] })
})

t.test('nobody is told of bindings in the place of another', async (t) => {
  const { search, aws } = scene()
  t.match(await search({ ...caller, uid: 'u-0' }), { kind: 'gone' })
  t.match(await search({ ...caller, name: 'web-2' }), { kind: 'gone' })
  t.strictSame(aws.calls, [])
})
