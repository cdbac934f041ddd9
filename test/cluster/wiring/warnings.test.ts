import t from 'tap'
import type { ClaimedBinding } from '../../../src/cluster/finding/source.ts'
import {
  type BindingGroup,
  readBindings,
  readServices,
} from '../../../src/cluster/objects/bindings.ts'
import { readPod } from '../../../src/cluster/objects/pod.ts'
import { sentenceOf } from '../../../src/cluster/wiring/warning.ts'
import { type Expected, warningsOf } from '../../../src/cluster/wiring/warnings.ts'
import { controllerLagMs } from '../../../src/drain/judgement/limits.ts'
import { arnOfGroup, binding, podObject, service } from '../../support/scripted-cluster.ts'

const gates = [{ conditionType: 'target-health.elbv2.k8s.aws/web-a' }]
const gated = (name: string) => ({
  spec: { readinessGates: [{ conditionType: `target-health.elbv2.k8s.aws/${name}` }] },
})
const hook = (httpGet: object) => ({ lifecycle: { preStop: { httpGet } } })
const right = { name: 'app', ...hook({ path: '/prestop', port: 8089 }) }

function warnings(
  {
    spec = {},
    bindings = [binding('web-a', 'web')],
    services = [service('web', { app: 'web' })],
    group = 'elbv2.k8s.aws',
    claim = 'bound',
  }: {
    spec?: object
    bindings?: object[]
    services?: object[]
    group?: BindingGroup
    claim?: ClaimedBinding['claim']
  } = {},
  expected: Partial<Expected> = {},
) {
  const pod = readPod(podObject({ readinessGates: gates, containers: [right], ...spec }))
  if (!pod) throw new Error('not a pod')
  const found = {
    bindings: (readBindings({ items: bindings }, group) ?? []).map((one) => ({ ...one, claim })),
    possible: [],
    services: readServices({ items: services }) ?? [],
    missing: [],
    narrowed: [],
  }
  return warningsOf(pod, found, { port: 8089, reserveMs: 5_000, groups: [], ...expected })
}

function only(about: string, said: RegExp, ...of: Parameters<typeof warnings>) {
  t.test(`${about}: ${said}`, async (t) => {
    const all = warnings(...of)
    t.equal(all.length, 1)
    t.match(all[0], { about })
    t.match(all.map(sentenceOf), [said])
    t.notMatch(all.map(sentenceOf), [/\n/])
  })
}

t.test('nothing to warn of', async (t) => {
  t.strictSame(warnings(), [])
  t.strictSame(warnings({ bindings: [] }), [])
})

only('readiness-gate', /elbv2\.k8s\.aws\/pod-readiness-gate-inject=/, {
  spec: { readinessGates: [] },
})
const byAutoMode = { group: 'eks.amazonaws.com' } as const
only('readiness-gate', /eks\.amazonaws\.com\/pod-readiness-gate-inject=/, {
  spec: { readinessGates: [] },
  ...byAutoMode,
})
t.test('the gate of EKS Auto Mode', async (t) => {
  const readinessGates = [{ conditionType: 'target-health.eks.amazonaws.com/web-a' }]
  t.strictSame(warnings({ spec: { readinessGates }, ...byAutoMode }), [])
})
const lag = controllerLagMs / 1_000
const grace = (terminationGracePeriodSeconds: number) => ({
  spec: { terminationGracePeriodSeconds },
})
const atLeast = (is: number, needed: number) =>
  new RegExp(`is ${is}, .*; set it to ${needed} at least`)
only('grace-period', atLeast(20, lag + 25), grace(20))
only('grace-period', atLeast(lag + 24, lag + 25), grace(lag + 24))
t.test('a grace period that is just long enough', async (t) => {
  t.strictSame(warnings(grace(lag + 25)), [])
  const nodes = binding('web-a', 'web', { targetType: 'instance' })
  const [{ about } = { about: '' }, ...others] = warnings({ bindings: [nodes], ...grace(25) })
  t.strictSame([about, ...others], ['instance-targets'], 'nobody has to deregister a node')
})
const ofUnknownKind = binding('web-b', 'web', { targetGroupProtocol: undefined })
only(
  'grace-period',
  new RegExp(
    `is 60, .* what kind of load balancer TargetGroupBinding web-b is of .*; set it to ${lag + 125} at least, or SETTLE_SECONDS=20 if it is an ALB$`,
  ),
  { bindings: [binding('web-a', 'web'), ofUnknownKind] },
)
t.test('a settle time that is set is that of any kind', async (t) => {
  t.strictSame(warnings({ bindings: [ofUnknownKind], ...gated('web-b') }, { settleMs: 20_000 }), [])
})
only('grace-period', atLeast(60, lag + 125), {
  bindings: [binding('web-a', 'web', { targetGroupProtocol: 'TLS' })],
})
only('grace-period', atLeast(60, lag + 95), {}, { settleMs: 90_000 })
only('instance-targets', /web-a registers nodes/, {
  bindings: [binding('web-a', 'web', { targetType: 'instance' })],
})
only('not-ready-addresses', /Service web .*publishNotReadyAddresses: false/, {
  services: [service('web', { app: 'web' }, { publishNotReadyAddresses: true })],
})

const arn = arnOfGroup('web-a')
only(
  'target-groups',
  /^TargetGroupBinding web-a registers this pod with arn:.*\/web-a\/.*, which TARGET_GROUP_ARNS does not name: hooks do not wait for it; name it as well, or leave/,
  {},
  { groups: [arnOfGroup('web-b')] },
)
const ofName = { targetGroupARN: undefined, targetGroupName: 'web-a' }
only(
  'target-groups',
  /registers this pod with web-a, which/,
  { bindings: [binding('web-a', 'web', ofName)] },
  { groups: [arnOfGroup('web')] },
)
t.test('a group that is set is the one of the binding, by ARN or by name', async (t) => {
  const groups = [arnOfGroup('other'), arn]
  t.strictSame(warnings({}, { groups }), [])
  t.strictSame(warnings({ bindings: [binding('web-a', 'web', ofName)] }, { groups }), [])
})

t.test("a binding that was the pod's, and is not any more, needs no wiring", async (t) => {
  const nodes = binding('web-a', 'web', { targetType: 'instance' })
  const spec = { readinessGates: [], terminationGracePeriodSeconds: 20 }
  const groups = [arnOfGroup('other')]
  t.strictSame(warnings({ spec, bindings: [nodes], claim: 'once-bound' }, { groups }), [])
})

t.test('the headless Service of a StatefulSet, behind no load balancer', async (t) => {
  const headless = { clusterIP: 'None', publishNotReadyAddresses: true }
  const services = [service('web', { app: 'web' }), service('web-peers', { app: 'web' }, headless)]
  t.strictSame(warnings({ services }), [])
})
