import t from 'tap'
import { type BindingGroup, readBindings, readServices } from '../../src/cluster/bindings.ts'
import { readPod } from '../../src/cluster/pod.ts'
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
    t.match(all[0], { about, said })
    t.notMatch(all[0]?.said, /\n/)
  })
}

t.test('nothing to warn of', async (t) => {
  t.strictSame(warnings(), [])
  t.strictSame(warnings({ bindings: [] }), [])
  const exec = { lifecycle: { preStop: { exec: { command: ['/app/draingate.js', 'wait'] } } } }
  t.strictSame(warnings({ spec: { containers: [{ name: 'app', ...exec }] } }), [])
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
const bare = { name: 'app' }
const missing = /no container of the app has a preStop hook.*8089/
only('hook', missing, { spec: { containers: [bare] } })
for (const preStop of [
  { httpGet: { path: '/prestop', port: 8089 } },
  { exec: { command: ['draingate', 'wait'] } },
]) {
  // It holds the sidecar itself, and the app is ended at once.
  const sidecar = { name: 'draingate', image: 'draingate:0.1.0', lifecycle: { preStop } }
  const initContainers = [{ ...sidecar, restartPolicy: 'Always' }]
  only('hook', missing, { spec: { containers: [bare], initContainers } })
  only('hook', missing, { spec: { containers: [bare, sidecar] } })
}
t.test('a hook that calls draingate in its own way', async (t) => {
  const ports = [{ name: 'drain', containerPort: 8089 }]
  const curl = ['sh', '-c', 'curl -s http://localhost:8089/prestop; sleep 1']
  for (const app of [
    { ...hook({ path: '/prestop/', port: 8089 }) },
    { ...hook({ path: '/prestop?from=app', port: 8089 }) },
    { ports, ...hook({ path: '/prestop', port: 'drain' }) },
    { lifecycle: { preStop: { exec: { command: curl } } } },
  ]) {
    t.strictSame(warnings({ spec: { containers: [{ name: 'app', ...app }] } }), [])
  }
})
only('hook', /calls port 8090, draingate listens on 8089/, {
  spec: {
    containers: [
      {
        ...{ name: 'app', ports: [{ name: 'drain', containerPort: 8090 }] },
        ...hook({ path: '/prestop', port: 'drain' }),
      },
    ],
  },
})
only('hook', /of container app asks for \/prestop-web, draingate answers on \/prestop;/, {
  spec: { containers: [{ name: 'app', ...hook({ path: '/prestop-web', port: 8089 }) }] },
})
only('hook', /calls port 9000, draingate listens on 8089/, {
  spec: { containers: [{ name: 'app', ...hook({ path: '/prestop', port: 9000 }) }] },
})
only('hook', /names port drain.*give the number 8089/, {
  spec: { containers: [{ name: 'app', ...hook({ path: '/prestop', port: 'drain' }) }] },
})
const rewritten = { name: 'app', ...hook({ path: '/app-lifecycle/app/prestopz', port: 15020 }) }
const proxy = { name: 'istio-proxy', image: 'proxyv2' }
only('hook', /of container app goes by way of Istio's agent, .* native sidecar/, {
  spec: { containers: [rewritten, proxy] },
})
t.test('Istio calls the hook, and ends after the app', async (t) => {
  const initContainers = [{ ...proxy, restartPolicy: 'Always' }]
  t.strictSame(warnings({ spec: { containers: [rewritten], initContainers } }), [])
})
only('host-network', /give the preStop hook of container app a host/, {
  spec: { hostNetwork: true },
})
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

t.test('a native sidecar with a hook of its own, and hostNetwork with a host', async (t) => {
  const containers = [{ name: 'app', ...hook({ path: '/prestop', port: 8089, host: '127.0.0.1' }) }]
  const initContainers = [
    {
      name: 'draingate',
      restartPolicy: 'Always',
      ...hook({ path: '/prestop', port: 8089, host: '::1' }),
    },
  ]
  t.strictSame(warnings({ spec: { hostNetwork: true, containers, initContainers } }), [])
})
