import t from 'tap'
import { callOf } from '../../../src/cluster/hooks/call.ts'
import { readPod } from '../../../src/cluster/objects/pod.ts'
import { podObject } from '../../support/scripted-cluster.ts'

/** What the preStop hook of a pod's first container is to a draingate on port 8089. */
function call(preStop: object, { ports = [], ...spec }: { ports?: object[] } & object = {}) {
  const pod = readPod(
    podObject({ containers: [{ name: 'app', ports, lifecycle: { preStop } }], ...spec }),
  )
  const [app] = pod?.containers ?? []
  if (!pod || !app) throw new Error('not a pod')
  return callOf(app, pod, 8089)
}
const http = (httpGet: object, spec: object = {}) =>
  call({ httpGet: { path: '/prestop', port: 8089, ...httpGet } }, spec)
const exec = (...command: string[]) => call({ exec: { command } })
const sh = (script: string) => exec('sh', '-c', script)
const saidOf = (one: ReturnType<typeof call>) =>
  one.kind === 'astray'
    ? one.faults.map(({ said, fix }) => `${said}; ${fix}`)
    : 'said' in one
      ? [one.said]
      : []

t.test('over HTTP, by number and by name', async (t) => {
  for (const fine of [
    {},
    { path: '/prestop/' },
    { path: '/prestop?from=app' },
    { path: 'prestop' },
  ]) {
    t.strictSame(http(fine), { kind: 'held' }, JSON.stringify(fine))
  }
  const ports = [{ name: 'drain', containerPort: 8089 }]
  t.strictSame(http({ port: 'drain' }, { ports }), { kind: 'held' })
  t.match(saidOf(http({ port: 'drain' })), [/^names port drain, .* give the number 8089$/])
  t.match(saidOf(http({ port: 9000 })), [/^calls port 9000, draingate listens on 8089; /])
  t.match(saidOf(http({ path: '/other' })), [/^asks for \/other, draingate answers on \/prestop; /])
  t.strictSame(http({ path: '/other', port: 9000 }), { kind: 'none' }, "another one's")
})

t.test("a host: the node's loopback is not the pod's", async (t) => {
  for (const host of ['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]', '0.0.0.0', '::']) {
    t.match(saidOf(http({ host })), [/the node's own, not the pod's.* leave the host out$/], host)
    t.strictSame(http({ host }, { hostNetwork: true }), { kind: 'held' }, 'unless it is')
  }
  t.strictSame(http({ host: '10.0.1.7' }), { kind: 'held' }, "the pod's own address")
  t.match(http({ host: 'drain.shop.svc' }), { kind: 'cannot-tell', said: /drain\.shop\.svc/ })
  t.match(http({}, { hostNetwork: true }), { faults: [{ about: 'host-network' }] })
  t.equal(saidOf(http({ port: 9000 }, { hostNetwork: true })).length, 2, 'both are said')
})

t.test('the drain itself, by a command', async (t) => {
  for (const command of [
    ['draingate', 'wait'],
    ['/usr/bin/draingate', '--log-level', 'info', 'wait'],
    ['/app/draingate.js', 'wait'],
    ['node', '/opt/draingate/dist/draingate.js', 'wait', '--log-level=info'],
    ['/usr/local/bin/node', '--optimize-for-size', '/app/dist/draingate.js', 'wait'],
    ['tini', '--', 'draingate', 'wait'],
    ['env', 'LOG_LEVEL=info', 'draingate', 'wait'],
    ['sh', '-c', 'exec draingate wait'],
    ['/bin/bash', '-ec', 'LOG_LEVEL=info draingate wait; nginx -s quit'],
    ['sh', '-c', 'sh -c "draingate wait"'],
    ['sh', '-e', '-c', 'sleep 1 && draingate wait || true'],
  ]) {
    t.strictSame(exec(...command), { kind: 'held' }, command.join(' '))
  }
  t.match(saidOf(exec('draingate')), [/without `wait`/])
  t.match(saidOf(exec('draingate', 'doctor')), [/without `wait`/])
})

t.test('what merely has the word in it', async (t) => {
  t.strictSame(exec('echo', 'draingate', 'wait'), { kind: 'none' })
  t.strictSame(sh('echo draingate wait; echo /prestop'), { kind: 'none' })
  for (const command of [
    ['/opt/draingate-notes.sh'],
    ['/opt/draingate/notes.sh', 'wait'],
    ['sh', '/opt/draingate/wait.sh'],
    ['run', 'draingate', 'wait'],
    ['node', '/opt/draingate/notes.js', 'wait'],
    ['sh', '-c', '. /opt/draingate.env'],
    ['sh', '-c', 'echo $(draingate wait)'],
    ['sh', '-c', 'A=$(draingate wait)'],
  ]) {
    t.match(exec(...command), { kind: 'cannot-tell' }, command.join(' '))
  }
})

t.test('a command that calls the sidecar', async (t) => {
  for (const command of [
    ['curl', '-s', 'http://localhost:8089/prestop'],
    ['curl', '-fsS', '-o', '/dev/null', '-X', 'POST', '127.0.0.1:8089/prestop/?a=b'],
    ['wget', '-qO-', 'http://[::1]:8089/prestop'],
    ['busybox', 'wget', '-O', '-', 'http://10.0.1.7:8089/prestop'],
    ['sh', '-c', 'curl -s http://localhost:8089/prestop; sleep 1'],
    ['sh', '-c', `sleep 5 && curl "http://\${POD_IP:-127.0.0.1}:8089/prestop" >/dev/null 2>&1`],
    ['sh', '-c', 'curl http://$(hostname -i):8089/prestop | tee /proc/1/fd/1'],
    ['sh', '-c', 'curl --max-time 60 localhost:8089/prestop'],
  ]) {
    t.strictSame(exec(...command), { kind: 'held' }, command.join(' '))
  }
})

const astray: [command: string, said: RegExp][] = [
  ['curl localhost:9999/prestop', /^calls port 9999, draingate listens on 8089/],
  ['curl http://localhost/prestop', /^calls port 80, /],
  ['curl https://localhost/prestop', /^calls port 443, /],
  ['curl https://localhost:8089/prestop', /plain HTTP/],
  ['curl localhost:8089/', /^asks for \/, draingate answers on \/prestop/],
  ['curl localhost:8089', /^asks for \/, /],
  ['curl -sI localhost:8089/prestop', /with HEAD/],
  ['wget --spider localhost:8089/prestop', /with HEAD/],
  ['curl -m 10 localhost:8089/prestop', /gives up after 10 s/],
  ['curl --max-time=10 localhost:8089/prestop', /gives up after 10 s/],
  ['date; curl localhost:9999/prestop || true', /^calls port 9999/],
]
for (const [command, said] of astray) {
  t.test(`astray: ${command}`, async (t) => {
    t.match(sh(command), { kind: 'astray' })
    t.match(saidOf(sh(command)), [said])
  })
}

t.test('where it cannot be told, that is what is said', async (t) => {
  for (const script of [
    'curl "$DRAIN_URL"',
    'curl localhost:$PORT/prestop',
    'curl localhost:8089/$HOOK',
    'curl http://other.shop.svc:8089/prestop',
    'python3 -c "import urllib.request"',
    '/scripts/stop.sh',
    'test -f /tmp/x && curl localhost:8089/prestop',
    'nginx -s quit || curl localhost:8089/prestop',
    'curl localhost:8089/prestop & sleep 5',
    'if [ -f /x ]; then draingate wait; fi',
    'case $x in a) draingate wait;; esac',
    'timeout 10 draingate wait',
  ]) {
    t.match(sh(script), { kind: 'cannot-tell', said: /^(calls|runs) / }, script)
  }
})

t.test('what plainly has nothing to do with it', async (t) => {
  t.strictSame(call({ sleep: { seconds: 5 } }), { kind: 'none' })
  t.strictSame(exec('sleep', '20'), { kind: 'none' })
  t.strictSame(exec('/usr/sbin/nginx', '-s', 'quit'), { kind: 'none' })
  t.strictSame(sh('sleep 5; kill -QUIT 1'), { kind: 'none' })
  t.strictSame(exec('curl', '-X', 'POST', 'localhost:8080/stop'), { kind: 'none' })
  t.strictSame(exec('sh', '-c', ''), { kind: 'none' })
})

t.test("by way of Istio's agent", async (t) => {
  const rewritten = { path: '/app-lifecycle/app/prestopz', port: 15020 }
  const proxy = (httpGet?: object, rest: object = {}) => {
    const probers = { '/app-lifecycle/app/prestopz': { httpGet } }
    const env = [{ name: 'ISTIO_KUBE_APP_PROBERS', value: JSON.stringify(probers) }]
    return { name: 'istio-proxy', ...(httpGet ? { env } : {}), ...rest }
  }
  const native = { restartPolicy: 'Always' }
  const of = (initContainers: object[]) => http(rewritten, { initContainers })
  const right = { path: '/prestop', port: 8089, scheme: 'HTTP' }
  t.strictSame(of([proxy(right, native)]), { kind: 'held' })
  t.match(saidOf(of([proxy({ ...right, port: 9000 }, native)])), [/^calls port 9000/])
  t.strictSame(of([proxy({ path: '/stop', port: 8080 }, native)]), { kind: 'none' })
  t.match(of([proxy(undefined, native)]), { kind: 'cannot-tell', said: /Istio's agent/ })
  t.match(saidOf(of([])), [/which ends when the pod is deleted/])
  t.match(
    saidOf(http({ port: 15020 })),
    [/^calls port 15020, /],
    "told by Istio's path, not by the port",
  )

  const beside = (...containers: object[]) => {
    const app = { name: 'app', lifecycle: { preStop: { httpGet: rewritten } } }
    return http(rewritten, { containers: [app, ...containers] })
  }
  t.match(saidOf(beside(proxy(right))), [/which ends when the pod is deleted/])
  const hooked = { lifecycle: { preStop: { httpGet: right } } }
  t.strictSame(beside(proxy(right, hooked)), { kind: 'held' }, 'its agent is held itself')
})
