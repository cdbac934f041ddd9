import fc from 'fast-check'
import t from 'tap'
import { readPod } from '../../../src/cluster/objects/pod.ts'
import { readPodTold, tellPod } from '../../../src/lookout/wire/pod.ts'
import { fromAfar, hostile } from '../../support/json.ts'
import { podObject } from '../../support/scripted-cluster.ts'

const secret = [{ name: 'PASSWORD', value: 'a-secret' }]
const preStop = { httpGet: { path: '/prestop', port: 8088 } }
const app = {
  ...{ name: 'app', image: 'app:1', env: secret, lifecycle: { preStop } },
  ...{ ports: [{ containerPort: 8080, name: 'http' }], command: ['app'], args: ['--quick'] },
}
const sidecar = {
  ...{ name: 'draingate', image: 'draingate:1', restartPolicy: 'Always' },
  env: [{ name: 'RELEASE_WHEN', value: 'idle' }],
}
const istio = {
  ...{ name: 'istio-proxy', image: 'proxyv2', restartPolicy: 'Always' },
  env: [
    { name: 'ISTIO_KUBE_APP_PROBERS', value: '{"/app-lifecycle/app/prestopz":{}}' },
    { name: 'OTHER', value: 'a-secret' },
    { name: 'FROM', valueFrom: { secretKeyRef: { name: 'tokens', key: 'one' } } },
  ],
}
const object = podObject(
  {
    ...{ containers: [app], initContainers: [sidecar, istio, { name: 'setup', env: secret }] },
    ephemeralContainers: [{ name: 'debugger', env: secret }],
    volumes: [{ name: 'v', csi: { volumeAttributes: { key: 'a-secret' } } }],
    readinessGates: [{ conditionType: 'target-health.elbv2.k8s.aws/web-a' }],
    ...{ nodeName: 'node-1', serviceAccountName: 'web', hostNetwork: true },
  },
  {
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': 'a-secret' },
    managedFields: [{ manager: 'a-secret' }],
    ...{ deletionTimestamp: '2026-01-01T00:01:00Z', deletionGracePeriodSeconds: 45 },
  },
  {
    hostIPs: [{ ip: '10.0.0.1' }],
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' },
    ],
  },
)

t.test('a pod is told what it reads of itself', async (t) => {
  const told = readPodTold(fromAfar(tellPod(object, 1_000)))
  t.equal(told?.serverMs, 1_000)
  const { containers, ...rest } = told?.object ?? { containers: [] }
  const { containers: all, ...own } = readPod(object) ?? { containers: [] }
  t.strictSame(rest, own)
  const bare = ({ environment: _, ...one }: (typeof containers)[number]) => one
  t.strictSame(containers.map(bare), all.map(bare))
})

t.test('and nothing of what it has no business with', async (t) => {
  const text = JSON.stringify(tellPod(object, 1_000))
  t.notMatch(text, /a-secret|annotations|managedFields|volumes/)
})

t.test('its own settings it is told, and what Istio made of the hook', async (t) => {
  const { containers = [] } = readPodTold(fromAfar(tellPod(object, 1_000)))?.object ?? {}
  const environment = Object.fromEntries(
    containers.map((one) => [one.name, Object.fromEntries(one.environment)]),
  )
  t.strictSame(environment, {
    app: { PASSWORD: '' },
    draingate: { RELEASE_WHEN: 'idle' },
    'istio-proxy': {
      ISTIO_KUBE_APP_PROBERS: '{"/app-lifecycle/app/prestopz":{}}',
      OTHER: '',
      FROM: '',
    },
  })
  t.strictSame(containers.find(({ name }) => name === 'istio-proxy')?.environmentElsewhere, [
    'Secret tokens',
  ])
})

t.test('an API server that does not tell the time', async (t) => {
  const told = fromAfar(tellPod(object, Number.NaN))
  t.notMatch(told, { serverMs: /./ })
  t.ok(Number.isNaN(readPodTold(told)?.serverMs))
})

t.test('what is no pod', async (t) => {
  for (const one of [
    null,
    [],
    'x',
    { kind: 'Pod' },
    { kind: 'pod' },
    { kind: 'pod', object: {} },
  ]) {
    t.equal(readPodTold(one), undefined, JSON.stringify(one))
  }
  const told = fromAfar(tellPod(object, 1)) as object
  t.equal(readPodTold({ ...told, kind: 'gone' }), undefined)
})

t.test('no JSON breaks who tells, nor who reads', async () => {
  fc.assert(
    fc.property(hostile(object), (body) => {
      readPodTold(fromAfar(tellPod(body, 1)))
    }),
    { numRuns: 3_000 },
  )
})
