import t from 'tap'
import { readBindings, readServices } from '../../../src/cluster/objects/bindings.ts'
import { readPod } from '../../../src/cluster/objects/pod.ts'
import { hookWarnings } from '../../../src/cluster/wiring/hooks.ts'
import { sentenceOf } from '../../../src/cluster/wiring/warning.ts'
import { binding, podObject, service } from '../../support/scripted-cluster.ts'

const hook = (httpGet: object = {}) => ({
  lifecycle: { preStop: { httpGet: { path: '/prestop', port: 8089, ...httpGet } } },
})
const exec = (...command: string[]) => ({ lifecycle: { preStop: { exec: { command } } } })
const port = (containerPort: number, name?: string) => ({
  ports: [{ containerPort, ...(name ? { name } : {}) }],
})
const app = { name: 'app', ...port(8080, 'http'), ...hook() }

interface Scene {
  readonly spec?: object
  readonly bindings?: object[]
  readonly services?: object[]
}

/** What is wrong with the hooks of the pod of Service web, which is bound; `about` and the sentence. */
function warnings(containers: object[], { spec = {}, bindings, services }: Scene = {}) {
  const pod = readPod(podObject({ containers, ...spec }))
  if (!pod) throw new Error('not a pod')
  const web = service('web', { app: 'web' }, { ports: [{ port: 80, targetPort: 'http' }] })
  const bound = bindings ?? [binding('web-a', 'web')]
  const sources = {
    bindings: readBindings({ items: bound }, 'elbv2.k8s.aws') ?? [],
    services: readServices({ items: services ?? [web] }) ?? [],
  }
  return hookWarnings(pod, sources, 8089).map((one) => `${one.about}: ${sentenceOf(one)}`)
}
const services = (...ports: object[]): Scene => ({
  services: [service('web', { app: 'web' }, { ports })],
})
const draingate = { name: 'draingate', image: 'draingate:0.1.0', ...port(8089) }

t.test('an app whose hook calls draingate', async (t) => {
  t.strictSame(warnings([app]), [])
  t.strictSame(warnings([app, draingate]), [], 'beside a regular sidecar')
  t.strictSame(warnings([{ ...app, ...exec('draingate', 'wait') }]), [])
  const containers = [{ ...app, ...hook({ host: '127.0.0.1' }) }]
  const sidecar = { ...draingate, restartPolicy: 'Always', ...hook({ host: '::1' }) }
  const spec = { hostNetwork: true, initContainers: [sidecar] }
  t.strictSame(warnings(containers, { spec }), [])
})

const none = [
  /^hook: no container of the app has a preStop hook .*; add httpGet .* port 8089 to it$/,
]

t.test('no hook at all, or none that has to do with draingate', async (t) => {
  t.match(warnings([{ name: 'app' }]), none)
  t.match(
    warnings([
      { ...app, ...exec('sleep', '20') },
      { name: 'two', ...port(1) },
    ]),
    none,
  )
  t.equal(warnings([{ name: 'app' }, { name: 'two' }]).length, 1, 'said once')
})

t.test("the sidecar's own hook holds the sidecar, and the app is ended at once", async (t) => {
  for (const own of [hook(), exec('draingate', 'wait')]) {
    const sidecar = { ...draingate, ...own }
    t.match(warnings([{ name: 'app' }, sidecar]), none)
    const initContainers = [{ ...sidecar, restartPolicy: 'Always' }]
    t.match(warnings([{ name: 'app' }], { spec: { initContainers } }), none)
  }
})

t.test('a container that serves without a hook, beside one with it', async (t) => {
  const bare = { name: 'grpc', ...port(9090, 'grpc') }
  const two = services({ port: 80, targetPort: 'http' }, { port: 90, targetPort: 9090 })
  const onlyHttp = { ...two, bindings: [binding('web-a', 'web')] }
  const any = { ...two, bindings: [binding('web-a', 'web', { serviceRef: { name: 'web' } })] }
  const said =
    /^hook: container grpc serves port 9090 of Service web and .* gets SIGTERM at once, while others are held; add httpGet/
  t.match(warnings([app, bare], any), [said])
  t.strictSame(warnings([app, bare], onlyHttp), [], 'the binding is about another port')
  const byName = services({ port: 80, targetPort: 'grpc', name: 'api' })
  const serviceRef = { name: 'web', port: 'api' }
  const named = { ...byName, bindings: [binding('web-a', 'web', { serviceRef })] }
  t.match(warnings([app, bare], named), [/container grpc serves port grpc of Service web/])
  t.match(warnings([app, bare], services({ port: 9090 })), [said], 'the same, where no target is')
  const held = { ...bare, ...hook() }
  t.strictSame(warnings([app, held], any), [])
  const slow = { ...bare, ...exec('sleep', '5') }
  t.match(warnings([app, slow], any), [/gets SIGTERM when its own hook is over/])
})

t.test('what plainly does not serve, or ends last', async (t) => {
  const exporter = { name: 'exporter', ...port(9113, 'metrics') }
  const target = { port: 9113, targetPort: 'metrics' }
  const metrics = service('web-metrics', { app: 'web' }, { ports: [target] })
  const web = service('web', { app: 'web' }, { ports: [{ port: 80, targetPort: 8080 }] })
  t.strictSame(warnings([app, exporter]), [])
  t.strictSame(warnings([app, exporter], { services: [web, metrics] }), [], 'to no load balancer')
  t.match(warnings([app, exporter], { services: [web, metrics], bindings: [] }), [
    /container exporter serves port metrics of Service web-metrics/,
  ])
  t.strictSame(warnings([app, { name: 'log' }], { services: [] }), [])
  const initContainers = [{ name: 'front', restartPolicy: 'Always', ...port(8080, 'http') }]
  t.strictSame(warnings([app], { spec: { initContainers } }), [])
})

t.test('where no Service tells, each container that declares a port may serve', async (t) => {
  const bare = { name: 'grpc', ...port(9090) }
  const said = [/^doubtful-hook: container grpc declares port 9090 and has no preStop hook/]
  t.match(warnings([app, bare], { services: [] }), said)
  t.match(warnings([app, bare], { services: [], bindings: [] }), said)
  t.match(warnings([app, bare], services()), said)
})

t.test('a hook that does not come to draingate', async (t) => {
  const only = (one: object, spec: object = {}) => warnings([{ ...app, ...one }], { spec })
  const ofApp = (rest: string) => new RegExp(`^hook: the preStop hook of container app ${rest}`)
  t.match(only(hook({ port: 9000 })), [ofApp('calls port 9000, draingate listens on 8089')])
  t.match(only(hook({ path: '/prestop-web' })), [ofApp('asks for /prestop-web, draingate answers')])
  t.match(only(hook({ port: 'drain' })), [ofApp('names port drain.*give the number 8089')])
  t.match(only(hook({ host: 'localhost' })), [ofApp('calls host localhost.*leave the host out')])
  t.match(only(exec('curl', 'localhost:9999/prestop')), [ofApp('calls port 9999')])
  t.match(only(hook(), { hostNetwork: true }), [/^host-network: .* container app names no host/])
  t.match(warnings([app, { name: 'two', ...hook({ port: 9000 }) }]), [/container two calls/])
})

t.test('whether a hook calls draingate cannot be told', async (t) => {
  const unknown = exec('/opt/draingate-notes.sh')
  const said =
    /^doubtful-hook: the preStop hook of container \w+ runs \/opt\/draingate-notes\.sh, and/
  t.match(warnings([{ ...app, ...unknown }]), [said])
  t.strictSame(warnings([app, { name: 'log', ...unknown }]), [], 'nor need it, beside another')
  t.match(warnings([app, { name: 'two', ...port(8080, 'http'), ...unknown }]), [said])
  t.match(
    warnings([
      { name: 'app', ...port(8080, 'http') },
      { name: 'log', ...unknown },
    ]),
    [/^hook: container app serves/, said],
  )
})

t.test("a mesh's proxy that is an ordinary container", async (t) => {
  for (const name of ['istio-proxy', 'linkerd-proxy']) {
    const said = [
      new RegExp(`^mesh-proxy: the mesh's proxy ${name} .*; make it a native sidecar, or`),
    ]
    const proxy = { name, ...port(8080, 'http') }
    t.match(warnings([app, proxy]), said, 'and no more of it')
    t.strictSame(warnings([app, { ...proxy, ...hook() }]), [])
    const initContainers = [{ ...proxy, restartPolicy: 'Always' }]
    t.strictSame(warnings([app], { spec: { initContainers } }), [])
  }
  const rewritten = hook({ path: '/app-lifecycle/app/prestopz', port: 15020 })
  t.match(warnings([{ ...app, ...rewritten }, { name: 'istio-proxy' }]), [
    /^hook: the preStop hook of container app goes by way of Istio's agent, .* native sidecar$/,
    /^mesh-proxy: /,
  ])
})
