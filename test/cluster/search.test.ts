import t from 'tap'
import type { Binding } from '../../src/cluster/bindings.ts'
import { createDiscovery } from '../../src/cluster/discovery.ts'
import { createOwnPod } from '../../src/cluster/own-pod.ts'
import { createSearch } from '../../src/cluster/search.ts'
import type { Failure } from '../../src/drain/ports.ts'
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
  servicesPath,
} from '../support/scripted-cluster.ts'
import { createVirtualClock } from '../support/virtual-clock.ts'

const never = new AbortController().signal
const list = bindingsPath(controllerPath, 'v1beta1')
const nameless: Failure = { kind: 'denied', said: 'names may not be resolved' }

function search(script: Record<string, object>, arnOf: string | Failure = nameless) {
  const api = scriptedCluster(script)
  const pod = createOwnPod(api, createVirtualClock(), { namespace: 'shop', name: 'web-1' }, 8089)
  const found = new Map<string, Binding>()
  const { find } = createSearch({
    ...{ pod, discover: createDiscovery(api) },
    arnOf: async () => arnOf,
    found: (arn, one) => found.set(arn, one),
  })
  return { find: () => find(never), found }
}

t.test('groups, and what their bindings tell of them', async (t) => {
  const script = ordinary()
  script[list] = {
    items: [
      binding('web-a', 'web', { targetGroupProtocol: 'TCP_UDP' }),
      binding('web-b', 'web', { targetType: 'instance', targetGroupProtocol: undefined }),
    ],
  }
  t.strictSame(await search(script).find(), {
    kind: 'found',
    groups: [
      {
        group: arnOfGroup('web-a'),
        facts: { targetType: 'ip', loadBalancer: 'network', traffic: 'datagrams' },
      },
      { group: arnOfGroup('web-b'), facts: { targetType: 'instance' } },
    ],
    ...{ missing: [], narrowed: [] },
  })
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
  const nothing = { kind: 'found', groups: [] }
  t.strictSame(await search(script).find(), {
    ...{ ...nothing, narrowed: [] },
    missing: [{ kind: 'denied', said }],
  })
  const gone: Failure = { kind: 'gone', said: 'no group has this name' }
  t.match(await search(script, gone).find(), {
    ...{ ...nothing, missing: [] },
    narrowed: [{ kind: 'gone', said: 'TargetGroupBinding web-a: no group has this name' }],
  })
  script[list] = { items: [binding('web-a', 'web', spec), binding('web-b', 'web')] }
  t.match(await search(script).find(), { groups: [{}], missing: [{ kind: 'denied' }] })
})

t.test('no binding at all is an answer; a part that fails is told', async (t) => {
  const script = ordinary()
  script[list] = { items: [] }
  const none = { kind: 'found', groups: [] }
  t.strictSame(await search(script).find(), { ...none, missing: [], narrowed: [] })
  script[servicesPath] = refused('unreachable', 500)
  t.match(await search(script).find(), { ...none, missing: [{ kind: 'unreachable' }] })
  script[list] = { items: [binding('web-a', 'web')] }
  const gates = [{ conditionType: 'target-health.elbv2.k8s.aws/web-a' }]
  script[podPath] = podObject({ readinessGates: gates })
  t.match(await search(script).find(), { groups: [{}], missing: [{ kind: 'unreachable' }] })
})

t.test('a pod that may not be read', async (t) => {
  const script = { ...ordinary(), [podPath]: refused('denied', 403) }
  t.match(await search(script).find(), { groups: [], missing: [{ kind: 'denied' }] })
})
