import t from 'tap'
import { mostPossible } from '../../../src/cluster/finding/discover.ts'
import { createDiscovery } from '../../../src/cluster/finding/discovery.ts'
import { createOwnPod } from '../../../src/cluster/finding/own-pod.ts'
import { createSearch } from '../../../src/cluster/finding/search.ts'
import type { Binding } from '../../../src/cluster/objects/bindings.ts'
import type { Failure } from '../../../src/drain/ports.ts'
import {
  arnOfGroup,
  binding,
  bindingsPath,
  controllerPath,
  ordinary,
  podObject,
  podPath,
  refused,
  scriptedCluster,
  service,
  servicesPath,
  sourceOf,
} from '../../support/scripted-cluster.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const never = new AbortController().signal
const list = bindingsPath(controllerPath, 'v1beta1')
const nameless: Failure = { kind: 'denied', said: 'names may not be resolved' }

function search(script: Record<string, object>, arnOf: string | Failure = nameless) {
  const api = scriptedCluster(script)
  const source = sourceOf(api)
  const pod = createOwnPod(source, createVirtualClock(), 8089)
  const found = new Map<string, Binding>()
  const resolved: string[] = []
  const { find } = createSearch({
    ...{ pod, discover: createDiscovery(source) },
    async arnOf({ name }) {
      resolved.push(name)
      return arnOf
    },
    found: (arn, one) => found.set(arn, one),
  })
  return { find: () => find(never), found, resolved }
}
const whole = { kind: 'found', more: 0, missing: [], narrowed: [] }

t.test('groups, and what their bindings tell of them', async (t) => {
  const script = ordinary()
  script[list] = {
    items: [
      binding('web-a', 'web', { targetGroupProtocol: 'TCP_UDP' }),
      binding('web-b', 'web', { targetType: 'instance', targetGroupProtocol: undefined }),
    ],
  }
  t.strictSame(await search(script).find(), {
    ...whole,
    groups: [
      {
        group: arnOfGroup('web-a'),
        facts: { targetType: 'ip', loadBalancer: 'network', traffic: 'datagrams' },
        claim: 'bound',
      },
      { group: arnOfGroup('web-b'), facts: { targetType: 'instance' }, claim: 'bound' },
    ],
  })
})

t.test("none is the pod's: those of the namespace, as many as can be looked at", async (t) => {
  const script = ordinary()
  const names = Array.from({ length: mostPossible + 3 }, (_, n) => `other-${n}`)
  const onlyNamed = { targetGroupARN: undefined, targetGroupName: 'last' }
  script[list] = {
    items: [
      binding('nodes', 'db', { targetType: 'instance' }),
      ...names.map((name) => binding(name, 'db')),
      binding('last', 'db', onlyNamed),
    ],
  }
  const { find, resolved } = search(script)
  const facts = { targetType: 'ip', loadBalancer: 'application', traffic: 'connections' }
  const groups = names
    .slice(0, mostPossible)
    .map((name) => ({ group: arnOfGroup(name), facts, claim: 'possible' }))
  t.strictSame(await find(), { ...whole, groups, more: 4 })
  t.strictSame(resolved, [], 'those that are not looked at cost no call either')
  script[list] = { items: names.map((name, n) => binding(name, n === 5 ? 'web' : 'db')) }
  t.match(await search(script).find(), {
    ...whole,
    groups: [{ group: arnOfGroup('other-5'), claim: 'bound' }],
  })
})

t.test("a group that is the pod's by one binding, and was by another", async (t) => {
  const script = ordinary()
  const moved = { app: 'web', 'rollouts-pod-template-hash': 'next' }
  script[servicesPath] = { items: [service('web', { app: 'web' }), service('blue', moved)] }
  const same = { targetGroupARN: arnOfGroup('web') }
  const [is, was] = [binding('is', 'web', same), binding('was', 'blue', same)]
  for (const [items, claim] of [
    [[is, was], 'bound'],
    [[was, is], 'bound'],
    [[was], 'once-bound'],
  ] as const) {
    const { groups } = await search({ ...script, [list]: { items } }).find()
    t.match(groups, [{ group: arnOfGroup('web'), claim }])
    t.equal(groups.length, 1)
  }
})

t.test('two bindings of two accounts, each with a role of its own', async (t) => {
  const role = (account: string) => `arn:aws:iam::${account}:role/reader`
  const other = (account: string, rest: object) =>
    binding(`web-${account}`, 'web', {
      targetGroupARN: arnOfGroup('web', account),
      iamRoleArnToAssume: role(account),
      ...rest,
    })
  const script = ordinary()
  script[list] = {
    items: [other('111111111111', { assumeRoleExternalId: 'x-1' }), other('222222222222', {})],
  }
  const { find, found } = search(script)
  t.match(await find(), { kind: 'found', groups: [{}, {}] })
  t.strictSame(
    [...found.values()].map((one) => one.role),
    [{ arn: role('111111111111'), externalId: 'x-1' }, { arn: role('222222222222') }],
  )
})

t.test('two bindings of one group, of which one names the role', async (t) => {
  const same = { targetGroupARN: arnOfGroup('web') }
  const role = { iamRoleArnToAssume: 'arn:aws:iam::111111111111:role/reader' }
  const [one, two] = [binding('web-1', 'web', { ...same, ...role }), binding('web-2', 'web', same)]
  for (const items of [
    [one, two],
    [two, one],
  ]) {
    const { find, found } = search({ ...ordinary(), [list]: { items } })
    await find()
    t.strictSame(
      [...found.values()].map((each) => each.role?.arn),
      [role.iamRoleArnToAssume],
    )
  }
})

t.test('a group that is only named', async (t) => {
  const script = ordinary()
  const spec = { targetGroupARN: undefined, targetGroupName: 'web' }
  script[list] = { items: [binding('web-a', 'web', spec)] }
  t.match(await search(script, arnOfGroup('web')).find(), {
    groups: [{ group: arnOfGroup('web') }],
  })
  const said = 'TargetGroupBinding web-a: names may not be resolved'
  t.strictSame(await search(script).find(), {
    ...{ ...whole, groups: [] },
    missing: [{ kind: 'denied', said }],
  })
  const gone: Failure = { kind: 'gone', said: 'no group has this name' }
  t.strictSame(await search(script, gone).find(), {
    ...{ ...whole, groups: [] },
    narrowed: [{ kind: 'gone', said: 'TargetGroupBinding web-a: no group has this name' }],
  })
  script[list] = { items: [binding('web-a', 'web', spec), binding('web-b', 'web')] }
  t.match(await search(script).find(), { groups: [{}], missing: [{ kind: 'denied' }] })
})

t.test('no binding at all is an answer; a part that fails is told', async (t) => {
  const script = ordinary()
  script[list] = { items: [] }
  const none = { ...whole, groups: [] }
  t.strictSame(await search(script).find(), none)
  script[servicesPath] = refused('unreachable', 500)
  t.match(await search(script).find(), { ...none, missing: [{ kind: 'unreachable' }] })
  script[list] = { items: [binding('web-a', 'web')] }
  const unsure = { groups: [{ claim: 'possible' }], missing: [{ kind: 'unreachable' }] }
  t.match(await search(script).find(), unsure)
  const gates = [{ conditionType: 'target-health.elbv2.k8s.aws/web-a' }]
  script[podPath] = podObject({ readinessGates: gates })
  t.match(await search(script).find(), { ...unsure, groups: [{ claim: 'bound' }] })
})

t.test('a pod that may not be read', async (t) => {
  const script = { ...ordinary(), [podPath]: refused('denied', 403) }
  t.match(await search(script).find(), { groups: [], missing: [{ kind: 'denied' }] })
})
