import t from 'tap'
import { noBinaries } from '../binaries.ts'
import { environmentOf, type PodSpec, podSpecsOf, sidecarOf } from '../pods.ts'
import { objectsOf, render } from '../render.ts'
import { faultsOf } from '../schemas.ts'
import { admit, expressionsOf, type Pod, policyFor } from './admit.ts'
import { faultsOfTypes } from './cel.ts'

const web = { name: 'web', image: 'web:1', ports: [{ containerPort: 8080, protocol: 'TCP' }] }
const data = { name: 'data', emptyDir: {} }

const pod = (spec: object = {}): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'web-5d4f-abcde',
    namespace: 'shop',
    labels: { 'draingate/inject': 'true' },
  },
  spec: { terminationGracePeriodSeconds: 30, containers: [web], ...spec },
})

const token = {
  serviceAccountToken: { audience: 'draingate', expirationSeconds: 3600, path: 'token' },
}
const volume = { name: 'draingate', projected: { sources: [token] } }
const mount = { name: 'draingate', mountPath: '/var/run/secrets/draingate', readOnly: true }

t.test('a pod that asks the lookout', { skip: noBinaries }, async (t) => {
  const policy = await policyFor({ lookout: { enabled: true } })
  const injected: Pod[] = []
  const inject = (given: Pod) => {
    const result = admit(policy, given)
    injected.push(result)
    return result.spec as PodSpec
  }

  t.test('is given its address and a token for it', async (t) => {
    const spec = inject(pod())
    t.same(spec.volumes, [volume])
    t.same(sidecarOf(spec)?.volumeMounts, [mount])
    t.match(environmentOf(spec), {
      LOOKOUT_URL: 'http://draingate-lookout.shop.svc:8089',
      LOOKOUT_ELSE: undefined,
      LOOKOUT_CA_FILE: undefined,
    })
  })

  t.test('keeps its own volumes, and the app does not see the token', async (t) => {
    const mounted = { ...web, volumeMounts: [{ name: 'data', mountPath: '/data' }] }
    const spec = inject(pod({ volumes: [data], containers: [mounted] }))
    t.same(spec.volumes, [data, volume])
    t.same(spec.containers[0]?.volumeMounts, mounted.volumeMounts)
  })

  t.test('is left alone where it has a volume of that name', async (t) => {
    const given = pod({ volumes: [{ ...data, name: 'draingate' }] })
    const { metadata, spec } = admit(policy, given)
    t.equal(metadata.annotations?.['draingate/injected'], 'no: a volume is named draingate already')
    t.same(spec, given.spec)
  })

  t.test('is not touched twice', async (t) => {
    const once = admit(policy, pod())
    t.equal(admit(policy, once), once)
  })

  t.test('has the sidecar and the volume of the templates', async (t) => {
    const url = 'http://draingate-lookout.shop.svc:8089'
    const values = { deregistrationDelaySeconds: 300, reserveSeconds: 5, lookout: { url } }
    const [template] = podSpecsOf(objectsOf(await render('helm-app', values)))
    const spec = inject(pod())
    t.same(sidecarOf(spec), template && sidecarOf(template))
    t.same(spec.volumes, template?.volumes)
  })

  t.test('by TLS, and with another way', async (t) => {
    const tls = { secretName: 'draingate-lookout-tls', caConfigMap: { name: 'draingate-ca' } }
    const lookout = { enabled: true, else: 'self', tls }
    const other = await policyFor({ native: false, lookout })
    const result = admit(other, pod())
    injected.push(result)
    const spec = result.spec as PodSpec
    const ca = { name: 'draingate-ca', items: [{ key: 'ca.crt', path: 'ca.crt' }], optional: true }
    t.same(spec.volumes, [{ ...volume, projected: { sources: [token, { configMap: ca }] } }])
    t.match(environmentOf(spec), {
      LOOKOUT_URL: 'https://draingate-lookout.shop.svc:8089',
      LOOKOUT_ELSE: 'self',
      LOOKOUT_CA_FILE: '/var/run/secrets/draingate/ca.crt',
    })
    for (const expression of expressionsOf(other)) t.same(faultsOfTypes(expression), [])
  })

  t.test('fits the schemas, and every literal its type', async (t) => {
    t.ok(injected.length > 3)
    t.same(await faultsOf(injected as never[]), [])
    for (const expression of expressionsOf(policy)) t.same(faultsOfTypes(expression), [])
  })
})
