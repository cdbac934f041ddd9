import t from 'tap'
import type { ContainerSpec, Hook } from '../../../lab/kubelet/spec.ts'
import { clock, wallClock } from '../../../src/clock.ts'
import { createEvents } from '../../../src/cluster/events.ts'
import { createHttpsApi } from '../../../src/cluster/https.ts'
import { createOwnPod } from '../../../src/cluster/own-pod.ts'
import type { KubernetesObject } from '../../chart/render.ts'
import { faultsOf } from '../../chart/schemas.ts'
import { type Answered, core, scene } from './scene.ts'

const readiness = { path: '/', port: 8080, periodMs: 200 }
const app: ContainerSpec = { name: 'app', command: ['app'], port: 8080, readiness }
const sidecar: ContainerSpec = { name: 'draingate', command: ['draingate'] }
const hooks: Hook[] = [
  { httpGet: { path: '/prestop', port: 8089 } },
  { exec: ['draingate', 'wait'] },
  { sleepMs: 5_000 },
]
const review = (kind: string, rest: object = {}) => ({
  ...{ apiVersion: 'authorization.k8s.io/v1', kind },
  spec: { resourceAttributes: { namespace: 'shop', verb: 'get', resource: 'pods' }, ...rest },
})

t.test('all that is served is well by the OpenAPI schemas', async (t) => {
  const { ask, run, access, server } = await scene(t)
  for (const [index, preStop] of hooks.entries()) {
    const containers = [{ ...app, preStop }]
    await run(`web-${index}`, { containers, nativeSidecars: [sidecar], gracePeriodMs: 45_000 })
  }
  await ask('DELETE', `${core}/pods/web-1?gracePeriodSeconds=20`)

  // The events are those of the program.
  const token = access.issue({ namespace: 'shop', account: 'web', expiresMs: Date.now() + 60_000 })
  const api = createHttpsApi(clock, {
    ...server,
    directory: t.testdir({ token, 'ca.crt': server.ca }),
  })
  const name = { namespace: 'shop', name: 'web-0' }
  const pod = createOwnPod(api, clock, name)
  await pod.read(new AbortController().signal)
  const untold = ({ said }: { said: string }) => t.fail(said)
  const events = createEvents({ api, clock, wallClock, name, pod, untold })
  events.emit({ reason: 'Drained', type: 'Normal', message: 'deregistered after 3 s' })
  await events.told()

  const paths = ['pods', 'pods/web-0', 'pods/web-1', 'services', 'services/web', 'events']
  const objects: KubernetesObject[] = []
  const keep = ({ body }: Answered) => void objects.push(body as KubernetesObject)
  for (const path of paths) keep(await ask('GET', `${core}/${path}`))
  const bindings = '/apis/elbv2.k8s.aws/v1beta1/namespaces/shop/targetgroupbindings'
  keep(await ask('GET', `${bindings}/web`))
  const reviews = '/apis/authorization.k8s.io/v1'
  const mine = review('SelfSubjectAccessReview')
  keep(await ask('POST', `${reviews}/selfsubjectaccessreviews`, mine))
  const others = review('SubjectAccessReview', { user: 'system:serviceaccount:shop:web' })
  keep(await ask('POST', `${reviews}/subjectaccessreviews`, others))

  const kinds = [
    'PodList',
    'Pod',
    'Pod',
    'ServiceList',
    'Service',
    'EventList',
    'TargetGroupBinding',
  ]
  t.strictSame(
    objects.map(({ kind }) => kind),
    [...kinds, 'SelfSubjectAccessReview', 'SubjectAccessReview'],
  )
  t.equal((objects[5] as { items?: object[] }).items?.length, 1)
  t.strictSame(await faultsOf(objects), [])
})
