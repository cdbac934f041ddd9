import t from 'tap'
import { createForesight } from '../../../src/lookout/looking/foresight.ts'
import { keptMs } from '../../../src/lookout/looking/groups.ts'
import { lookoutScene, never, web } from '../../support/lookout-scene.ts'
import {
  arnOfGroup,
  binding,
  bindingsPath,
  controllerPath,
  groupsPath,
  ordinary,
  refused,
} from '../../support/scripted-cluster.ts'

const everywhere = bindingsPath(controllerPath, 'v1beta1').replace('/namespaces/shop', '')
const minuteMs = 60_000

function scene(...items: object[]) {
  const parts = lookoutScene()
  const { api, clock, groups } = parts
  api.script[everywhere] = { items: [binding('web-a', 'web'), ...items] }
  const unknown: string[] = []
  const ending = new AbortController()
  const foresight = createForesight({
    ...{ api, clock, groups, roleOf: (_arn, { role }) => role },
    unknown: (said) => unknown.push(said),
  })
  return { ...parts, foresight, unknown, ending, watch: () => foresight.watch(ending.signal) }
}

t.test('each group once, and not those of nodes', async (t) => {
  const { watch, foresight, clock, aws, ending } = scene(
    binding('web-a', 'web'),
    binding('db', 'db'),
    binding('nodes', 'web', { targetType: 'instance' }),
    binding('named', 'web', { targetGroupARN: undefined, targetGroupName: 'named' }),
  )
  const watched = watch()
  t.notOk(foresight.isDone())
  await clock.advance(minuteMs * 5)
  t.ok(foresight.isDone())
  t.match(aws.calls, [
    { action: 'delay', of: web },
    { action: 'delay', of: arnOfGroup('db') },
  ])
  t.equal(aws.calls.length, 2)
  ending.abort()
  await watched
})

t.test('a drain among many never has to ask for what was known beforehand', async (t) => {
  const { watch, clock, aws, groups } = scene()
  void watch()
  await clock.advance(minuteMs)
  for (let minute = 1; minute < 60; minute += 1) {
    await clock.advance(minuteMs)
    const before = aws.calls.length
    const wait = { patienceMs: 1_000, oldMs: keptMs, signal: never }
    await clock.runUntil(groups.describe({ arn: web }, ['delay'], wait))
    t.equal(aws.calls.length, before, `in minute ${minute}`)
  }
  const most = Math.ceil((60 * minuteMs) / (keptMs * 0.5))
  t.ok(aws.calls.length <= most, `${aws.calls.length} calls in an hour`)
})

t.test('a group that is new is known within minutes', async (t) => {
  const { watch, clock, aws, api } = scene()
  void watch()
  await clock.advance(minuteMs)
  api.script[everywhere] = { items: [binding('web-a', 'web'), binding('new', 'web')] }
  await clock.advance(minuteMs)
  t.match(aws.calls.slice(1), [{ of: arnOfGroup('new') }])
})

t.test('it is not ready as long as nobody tells the bindings, unless that lasts', async (t) => {
  const { watch, foresight, clock, api, unknown } = scene()
  api.script[everywhere] = refused('unreachable', 503)
  void watch()
  await clock.advance(minuteMs)
  t.notOk(foresight.isDone())
  t.match(unknown, [/unreachable by script/])
  const lasting = scene()
  lasting.api.script[everywhere] = refused('unreachable', 503)
  void lasting.watch()
  await lasting.clock.advance(5 * minuteMs)
  t.ok(lasting.foresight.isDone(), 'better one that knows no delays than none')
  api.script[everywhere] = { items: [] }
  await clock.advance(minuteMs)
  t.ok(foresight.isDone())
})

t.test('what is forbidden stays so: it is said, and not waited for', async (t) => {
  const { watch, foresight, clock, api, unknown } = scene()
  api.script[everywhere] = refused('denied', 403)
  void watch()
  await clock.advance(1_000)
  t.ok(foresight.isDone())
  t.match(unknown, [/denied by script/])
})

t.test('nor as long as nobody says which API groups there are', async (t) => {
  const { watch, foresight, clock, api } = scene()
  api.script[groupsPath] = refused('unreachable', 503)
  delete api.script[everywhere]
  void watch()
  await clock.advance(minuteMs)
  t.notOk(foresight.isDone())
  Object.assign(api.script, ordinary(), { [everywhere]: { items: [] } })
  await clock.advance(minuteMs)
  t.ok(foresight.isDone())
})

t.test('what AWS does not tell it says, and goes on without', async (t) => {
  const { watch, foresight, clock, aws, unknown } = scene()
  aws.failure = { kind: 'denied', said: 'allow it' }
  void watch()
  await clock.advance(minuteMs)
  t.ok(foresight.isDone(), 'pods are looked at all the same')
  t.match(unknown, [`${web}: allow it`])
  await clock.advance(10 * minuteMs)
  t.ok(aws.calls.length <= 2, 'what is forbidden stays so')
})

t.test('where AWS was away it asks again soon', async (t) => {
  for (const kind of ['unreachable', 'throttled'] as const) {
    const { watch, clock, aws, groups } = scene()
    aws.failure = { kind, said: 'for a while' }
    void watch()
    await clock.advance(minuteMs)
    aws.failure = undefined
    await clock.advance(2 * minuteMs)
    const before = aws.calls.length
    const wait = { patienceMs: 1_000, oldMs: keptMs, signal: never }
    t.match(await clock.runUntil(groups.describe({ arn: web }, ['delay'], wait)), { missing: [] })
    t.equal(aws.calls.length, before, kind)
  }
})

t.test('with the role that its binding names', async (t) => {
  const { watch, clock, aws } = scene(
    binding('far', 'web', { iamRoleArnToAssume: 'arn:aws:iam::210987654321:role/r' }),
  )
  void watch()
  await clock.advance(minuteMs)
  t.match(aws.calls.at(-1), { of: arnOfGroup('far'), role: 'arn:aws:iam::210987654321:role/r' })
})

t.test('it ends when it is told to, in the middle of a turn too', async (t) => {
  const { watch, clock, aws, ending } = scene(binding('db', 'db'))
  const watched = watch()
  await clock.advance(10)
  ending.abort()
  await clock.runUntil(watched)
  t.ok(aws.calls.length <= 1)
})
