import t from 'tap'
import { type BindingGroup, readBindings, readServices } from '../../src/cluster/bindings.ts'
import { readPod } from '../../src/cluster/pod.ts'
import { sentenceOf } from '../../src/cluster/warning.ts'
import { type Expected, warningsOf } from '../../src/cluster/warnings.ts'
import { binding, podObject, service } from '../support/scripted-cluster.ts'

const gates = [{ conditionType: 'target-health.elbv2.k8s.aws/web-a' }]
const hook = (httpGet: object) => ({ lifecycle: { preStop: { httpGet } } })
const right = { name: 'app', ...hook({ path: '/prestop', port: 8089 }) }

function warnings(
  {
    spec = {},
    bindings = [binding('web-a', 'web')],
    services = [service('web', { app: 'web' })],
    group = 'elbv2.k8s.aws',
  }: {
    spec?: object
    bindings?: object[]
    services?: object[]
    group?: BindingGroup
  } = {},
  expected: Partial<Expected> = {},
) {
  const pod = readPod(podObject({ readinessGates: gates, containers: [right], ...spec }))
  if (!pod) throw new Error('not a pod')
  const found = {
    bindings: readBindings({ items: bindings }, group) ?? [],
    services: readServices({ items: services }) ?? [],
    missing: [],
    narrowed: [],
  }
  return warningsOf(pod, found, { port: 8089, reserveMs: 5_000, ...expected })
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
only('grace-period', /is 20, .* 35 at least/, { spec: { terminationGracePeriodSeconds: 20 } })
only('grace-period', /is 60, .* 135 at least/, {
  bindings: [binding('web-a', 'web', { targetGroupProtocol: 'TLS' })],
})
only('grace-period', /is 60, .* 105 at least/, {}, { settleMs: 90_000 })
only('instance-targets', /web-a registers nodes/, {
  bindings: [binding('web-a', 'web', { targetType: 'instance' })],
})
only('not-ready-addresses', /Service web .*publishNotReadyAddresses: false/, {
  services: [service('web', { app: 'web' }, { publishNotReadyAddresses: true })],
})

t.test('the headless Service of a StatefulSet, behind no load balancer', async (t) => {
  const headless = { clusterIP: 'None', publishNotReadyAddresses: true }
  const services = [service('web', { app: 'web' }), service('web-peers', { app: 'web' }, headless)]
  t.strictSame(warnings({ services }), [])
})
