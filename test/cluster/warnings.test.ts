import t from 'tap'
import { readBindings, readServices } from '../../src/cluster/bindings.ts'
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
  }: { spec?: object; bindings?: object[]; services?: object[] } = {},
  expected: Partial<Expected> = {},
) {
  const pod = readPod(podObject({ readinessGates: gates, containers: [right], ...spec }))
  if (!pod) throw new Error('not a pod')
  const found = {
    bindings: readBindings({ items: bindings }),
    services: readServices({ items: services }),
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

only('readiness-gate', /pod-readiness-gate-inject/, { spec: { readinessGates: [] } })
only('grace-period', /is 20, .* 35 at least/, { spec: { terminationGracePeriodSeconds: 20 } })
only('grace-period', /is 60, .* 135 at least/, {
  bindings: [binding('web-a', 'web', { targetGroupProtocol: 'TLS' })],
})
only('grace-period', /is 60, .* 105 at least/, {}, { settleMs: 90_000 })
only('hook', /no container has a preStop hook.*8089/, { spec: { containers: [{ name: 'app' }] } })
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
