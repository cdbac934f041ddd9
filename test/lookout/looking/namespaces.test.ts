import t from 'tap'
import type { Role } from '../../../src/aws/access.ts'
import { createNamespaces } from '../../../src/lookout/looking/namespaces.ts'
import {
  arnOfGroup,
  binding,
  bindingsPath,
  controllerPath,
  groupsPath,
  ordinary,
  refused,
  scriptedCluster,
} from '../../support/scripted-cluster.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const web = arnOfGroup('web-a')
const free = arnOfGroup('free')
const role = { iamRoleArnToAssume: 'arn:role:shop', assumeRoleExternalId: 'shop-id' }
const listPath = bindingsPath(controllerPath, 'v1beta1')
const pathIn = (namespace: string) => listPath.replace('/shop/', `/${namespace}/`)

function scene(roleOf: (arn: string) => Role | undefined = () => undefined) {
  const api = scriptedCluster(ordinary())
  const clock = createVirtualClock()
  const namespaces = createNamespaces({ api, clock, allowed: [free], roleOf })
  const groupOf = (arn = web, namespace = 'shop') => namespaces.groupOf(namespace, arn)
  const bind = (namespace: string, ...items: object[]) => {
    api.script[pathIn(namespace)] = { items }
  }
  return { api, clock, namespaces, groupOf, bind }
}

t.test('the groups that bindings of the namespace name, and no others', async (t) => {
  const { groupOf, bind, api } = scene()
  t.match(await groupOf(), { arn: web })
  const others = await groupOf(arnOfGroup('others'))
  t.match(others, {
    kind: 'denied',
    said: /tells of others only.*shop has none; or set LOOKOUT_TARGET_GROUPS/,
  })
  bind('empty')
  t.match(await groupOf(web, 'empty'), { kind: 'denied' })
  for (const arn of ['', '/', '*', 'web-a', `${web}x`])
    t.match(await groupOf(arn), { kind: 'denied' }, arn)
  api.asked.length = 0
  await groupOf()
  t.strictSame(api.asked, [], 'what is known is not read again')
})

t.test('a group that everybody may ask about', async (t) => {
  const { groupOf, api } = scene()
  t.match(await groupOf(free, 'nowhere'), { arn: free })
  t.strictSame(api.asked, [])
})

t.test('a binding that was deleted meanwhile stays', async (t) => {
  const { groupOf, bind } = scene()
  await groupOf()
  bind('shop')
  t.match(await groupOf(), { arn: web })
})

t.test(
  'a role that was changed is the new one within minutes, and away it is the old',
  async (t) => {
    const { groupOf, bind, api, clock } = scene()
    const as = (arn: string) => binding('web-a', 'web', { iamRoleArnToAssume: arn })
    bind('shop', as('arn:role:old'))
    t.match(await groupOf(), { role: { arn: 'arn:role:old' } })
    bind('shop', as('arn:role:new'))
    t.match(await groupOf(), { role: { arn: 'arn:role:old' } })
    await clock.advance(5 * 60_000)
    // Nobody waits for it who can be answered by what is known.
    t.match(await groupOf(), { role: { arn: 'arn:role:old' } })
    await clock.advance(1_000)
    t.match(await groupOf(), { role: { arn: 'arn:role:new' } })
    await clock.advance(5 * 60_000)
    api.script[listPath] = refused('unreachable', 503)
    t.match(await groupOf(), { role: { arn: 'arn:role:new' } })
    bind('shop', binding('web-a', 'web'))
    await groupOf()
    await clock.advance(1_000)
    t.strictSame(await groupOf(), { arn: web, role: undefined }, 'or none any more')
  },
)

t.test('a binding that has just been made counts', async (t) => {
  const { groupOf, bind } = scene()
  t.match(await groupOf(arnOfGroup('new')), { kind: 'denied' })
  bind('shop', binding('new', 'web'))
  t.match(await groupOf(arnOfGroup('new')), { arn: arnOfGroup('new') })
})

t.test('while the API server is away nobody is denied what may be its own', async (t) => {
  const { groupOf, api } = scene()
  for (const kind of ['unreachable', 'throttled'] as const) {
    api.script[listPath] = refused(kind, 503)
    t.match(await groupOf(), { kind })
  }
  const { groupOf: first, api: away } = scene()
  away.script[groupsPath] = refused('unreachable', 503)
  delete away.script[listPath]
  t.match(await first(), { kind: 'unreachable' })
  const { groupOf: second, api: later } = scene()
  await second()
  later.script[listPath] = refused('unreachable', 503)
  t.match(await second(), { arn: web }, 'what was known stays known')
})

t.test('one of the two API groups is enough where it names the group', async (t) => {
  const { groupOf, api } = scene()
  api.script[groupsPath] = refused('unreachable', 503)
  t.match(await groupOf(), { arn: web })
})

t.test('the role of its own binding, never that of another namespace', async (t) => {
  const { groupOf, bind } = scene()
  bind('rich', binding('web-a', 'web', { iamRoleArnToAssume: 'arn:role:rich' }))
  bind('shop', binding('web-a', 'web', role))
  bind('bare', binding('web-a', 'web'))
  t.match(await groupOf(web, 'rich'), { role: { arn: 'arn:role:rich' } })
  t.match(await groupOf(web), { role: { arn: 'arn:role:shop', externalId: 'shop-id' } })
  t.strictSame(await groupOf(web, 'bare'), { arn: web, role: undefined })
  t.match(await groupOf(web, 'rich'), { role: { arn: 'arn:role:rich' } })
})

t.test('of two bindings of one group, the one with a role tells how to reach it', async (t) => {
  for (const items of [
    [binding('web-a', 'web', role), binding('web-a', 'web')],
    [binding('web-a', 'web'), binding('web-a', 'web', role)],
  ]) {
    const { groupOf, bind } = scene()
    bind('shop', ...items)
    t.match(await groupOf(), { role: { arn: 'arn:role:shop' } })
  }
})

t.test('a role in the settings goes before it', async (t) => {
  const { groupOf, bind } = scene(() => ({ arn: 'arn:role:settings' }))
  bind('shop', binding('web-a', 'web', role))
  t.match(await groupOf(), { role: { arn: 'arn:role:settings' } })
  t.match(await groupOf(free), { role: { arn: 'arn:role:settings' } })
})

t.test('a group of all is looked at with the role that its own binding names', async (t) => {
  const { groupOf, namespaces, api } = scene()
  const name = { apiGroup: 'elbv2.k8s.aws', name: 'free', service: 'web' } as const
  const own = { ...name, role: { arn: 'arn:role:shop' } }
  namespaces.seen('shop', own, free)
  t.match(await groupOf(free), { role: { arn: 'arn:role:shop' } })
  t.strictSame(await groupOf(free, 'bare'), { arn: free, role: undefined })
  t.strictSame(api.asked, [])
})
