import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { isTrue, setCondition } from '../../../lab/kubernetes/condition.ts'
import { pods } from '../../../lab/kubernetes/resources.ts'
import { shell, startNodeOfStore, waiting } from './pods-of-a-store.ts'

t.test('a pod of the store is run, and its status written', async (t) => {
  const { create, seen, store } = startNodeOfStore(t)
  const nativeSidecars = [shell('sidecar', waiting)]
  create('web-1', { containers: [shell('app', waiting, { port: 8080 })], nativeSidecars })
  t.equal(store.get(pods, 'shop', 'web-1').status?.phase, 'Pending')
  const pod = await seen('web-1', (one) => one && isTrue(one, 'Ready'))
  t.match(pod?.status, {
    ...{ phase: 'Running', podIP: '10.0.1.4', podIPs: [{ ip: '10.0.1.4' }] },
    ...{ hostIP: '10.0.0.1', startTime: /Z$/ },
    containerStatuses: [{ name: 'app', ready: true, restartCount: 0, state: { running: {} } }],
    initContainerStatuses: [{ name: 'sidecar', ready: true }],
  })
  t.match(pod?.spec?.initContainers, [{ name: 'sidecar', restartPolicy: 'Always' }])
})

t.test('a deletion through the API ends the processes, and then the object', async (t) => {
  const { create, seen, store, events } = startNodeOfStore(t, 500)
  create('web-1', { containers: [shell('app', waiting, { preStop: { sleepMs: 100 } })] })
  await seen('web-1', (pod) => pod?.status?.podIP)
  store.delete(pods, 'shop', 'web-1')
  t.ok(store.get(pods, 'shop', 'web-1').metadata.deletionTimestamp)
  await seen('web-1', (pod) => pod === undefined)
  t.strictSame(
    events.map(({ kind }) => kind),
    [
      ...['started', 'ready', 'deleted', 'hook-started', 'hook-ended'],
      ...['sigterm', 'exited', 'ended'],
    ],
  )
})

t.test('a readiness gate holds Ready, and nothing else', async (t) => {
  const { create, images, seen, store } = startNodeOfStore(t)
  const app = shell('app', waiting)
  const image = images.push(app)
  create('other', { containers: [app] })
  const conditionType = 'example.com/gate'
  const gate = { type: conditionType, status: 'True' } as const
  store.create(pods, 'shop', {
    metadata: { name: 'web-1' },
    spec: {
      ...{ nodeName: 'node-1', containers: [{ name: 'app', image }] },
      readinessGates: [{ conditionType }],
    },
  })
  const gated = await seen('web-1', (pod) => pod && isTrue(pod, 'ContainersReady'))
  t.match(
    gated?.status?.conditions?.find(({ type }) => type === 'Ready'),
    {
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: /"example.com\/gate" does not exist/,
    },
  )
  store.update(pods, 'shop', 'web-1', (pod) => ({
    ...pod,
    status: {
      ...pod.status,
      conditions: setCondition(pod.status?.conditions ?? [], gate, '2030-01-01T00:00:00Z'),
    },
  }))
  t.ok(isTrue(store.get(pods, 'shop', 'web-1'), 'Ready'))
})

t.test('containers find their cluster, and their last words are kept', async (t) => {
  const { create, seen, store, node, up } = startNodeOfStore(t)
  const script = `
    trap 'echo "$POD_NAMESPACE/$POD_NAME $POD_IPS $HOST_IP" > $TERMINATION_MESSAGE_PATH
          echo "$KUBERNETES_SERVICE_HOST:$KUBERNETES_SERVICE_PORT_HTTPS" >> $TERMINATION_MESSAGE_PATH
          cat $SERVICE_ACCOUNT_DIRECTORY/ca.crt $SERVICE_ACCOUNT_DIRECTORY/namespace >> $TERMINATION_MESSAGE_PATH
          exit 0' TERM
    echo up
    while :; do sleep 0.02; done`
  create('web-1', { containers: [shell('app', script)] })
  await seen('web-1', (pod) => pod?.status?.podIP)
  await up
  store.delete(pods, 'shop', 'web-1')
  await seen('web-1', (pod) => pod === undefined)
  t.equal(node.lastWords('web-1', 'app'), 'shop/web-1 10.0.1.4 10.0.0.1\n127.0.0.1:6443\nPEMshop')
  t.equal(node.lastWords('web-1', 'none'), '')
})

t.test('a container that crashes shows how, each time anew', async (t) => {
  const { create, seen } = startNodeOfStore(t, 10)
  const script = 'echo no luck > $TERMINATION_MESSAGE_PATH; exit 7'
  create('web-1', { containers: [shell('app', script), shell('logs', waiting)] })
  const pod = await seen(
    'web-1',
    (one) => (one?.status?.containerStatuses?.[0]?.restartCount ?? 0) > 1,
  )
  const [app, logs] = pod?.status?.containerStatuses ?? []
  const ended = { exitCode: 7, reason: 'Error', message: 'no luck\n' }
  t.match(app?.state.terminated ?? app?.lastState.terminated, ended)
  t.match(logs, { restartCount: 0, lastState: {} })
  t.equal(pod?.status?.phase, 'Running')
})

t.test('a token is good for its pod, and can be put in the place of another', async (t) => {
  const { create, seen, access, node, store } = startNodeOfStore(t)
  const app = shell('app', 'echo $SERVICE_ACCOUNT_DIRECTORY > $TERMINATION_MESSAGE_PATH; exit 1')
  create('web-1', { containers: [app, shell('logs', waiting)] })
  await seen('web-1', () => node.lastWords('web-1', 'app'))
  const directory = node.lastWords('web-1', 'app').trim()
  const read = () => `Bearer ${readFileSync(`${directory}/token`, 'utf8')}`
  const first = read()
  t.equal(access.userOf(first), 'system:serviceaccount:shop:web')
  node.rotate('web-1')
  const second = read()
  t.throws(() => access.userOf(first), /Unauthorized/)
  t.equal(access.userOf(second), 'system:serviceaccount:shop:web')
  node.rotate('web-1', -1)
  t.throws(() => access.userOf(read()), /Unauthorized/, 'one that is past its time')
  node.rotate('web-1')
  const last = read()
  store.delete(pods, 'shop', 'web-1', 0)
  t.throws(() => access.userOf(last), /Unauthorized/, 'the pod is gone')
  while (existsSync(directory)) await new Promise((resolve) => setTimeout(resolve, 5))
})

t.test('a token for the lookout is where its container looks for it', async (t) => {
  const { create, seen, access, node, store } = startNodeOfStore(t)
  const script = 'echo $LOOKOUT_TOKEN_PATH > $TERMINATION_MESSAGE_PATH; exit 1'
  const sidecar = shell('draingate', script, { lookoutToken: 'projected' })
  const app = shell('app', 'echo "none: $LOOKOUT_TOKEN_PATH" > $TERMINATION_MESSAGE_PATH; exit 1')
  const { metadata, spec } = create('web-1', { containers: [app], nativeSidecars: [sidecar] })
  const name = 'draingate'
  t.match(spec?.volumes, [
    { name, projected: { sources: [{ serviceAccountToken: { audience: 'draingate' } }] } },
  ])
  t.match(spec?.initContainers?.[0]?.volumeMounts, [
    { name, mountPath: '/var/run/secrets/draingate', readOnly: true },
  ])
  t.notOk(spec?.containers?.[0]?.volumeMounts)
  await seen('web-1', () => node.lastWords('web-1', 'draingate') && node.lastWords('web-1', 'app'))
  t.equal(node.lastWords('web-1', 'app').trim(), 'none:')
  const read = () => readFileSync(node.lastWords('web-1', 'draingate').trim(), 'utf8')
  const pod = { name: 'web-1', uid: metadata.uid }
  const first = read()
  t.match(claimsOf(first), {
    aud: ['draingate'],
    'kubernetes.io': { pod, node: { name: 'node-1' } },
  })
  t.throws(
    () => access.userOf(`Bearer ${first}`),
    /Unauthorized/,
    'the API server takes no such one',
  )
  node.rotate('web-1', 600_000)
  const { iat, exp } = claimsOf(read())
  t.not(read(), first)
  t.equal(exp - iat, 600)
  node.spoil('web-1', (token) => `${token}x`)
  t.match(read(), /x$/)
  node.rotate('web-1')
  t.notMatch(read(), /x$/)
  store.delete(pods, 'shop', 'web-1', 0)
})

t.test('after a deletion by force the next pod of the name waits for the old one', async (t) => {
  const { create, seen, store, events } = startNodeOfStore(t)
  const spec = { containers: [shell('app', waiting, { preStop: { sleepMs: 100 } })] }
  create('web-1', spec)
  const { uid } = (await seen('web-1', (pod) => pod?.status?.podIP))?.metadata ?? {}
  store.delete(pods, 'shop', 'web-1', 0)
  const next = create('web-1', spec)
  t.not(next.metadata.uid, uid)
  const pod = await seen('web-1', (one) => one?.status?.podIP)
  t.equal(pod?.status?.podIP, '10.0.1.5')
  const kinds = events.map(({ kind }) => kind)
  t.ok(kinds.indexOf('ended') < kinds.lastIndexOf('started'))
})

t.test('an image that nobody pushed, and another node’s pod, stay Pending', async (t) => {
  const { store, node } = startNodeOfStore(t)
  store.create(pods, 'shop', {
    metadata: { name: 'lost' },
    spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'none' }] },
  })
  store.create(pods, 'shop', {
    metadata: { name: 'far' },
    spec: { nodeName: 'node-2', containers: [] },
  })
  await t.rejects(node.started('lost'), /no pod lost on node-1/)
  await t.rejects(node.started('far'))
})

const claimsOf = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
