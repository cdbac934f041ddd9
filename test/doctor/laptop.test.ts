import t from 'tap'
import { leastRules } from '../../lab/kubernetes/access.ts'
import {
  autoModeBindings,
  controllerBindings,
  nodeDiagnostics,
  pods,
} from '../../lab/kubernetes/resources.ts'
import { noBinaries } from '../chart/binaries.ts'
import { aside } from '../support/aside.ts'
import { podObject } from '../support/scripted-cluster.ts'
import { run } from '../support/sidecar.ts'
import { about, app, sidecar, stage, unwell } from './stage.ts'

t.jobs = 2
const real = () => aside({ skip: noBinaries })

t.test('all is well', real(), async (t) => {
  const { laptop, server } = await stage(t)
  const { code, rows } = await laptop('shop/web-1')
  t.strictSame(unwell(rows), [])
  t.equal(code, 0)
  t.match(about(rows, 'target'), [{ said: '10.0.1.7 port 8080 of web is healthy' }])
  t.match(about(rows, 'identity'), [{ said: /user\/lab, here: .*the pod's own role/ }])
  t.ok(server.asked.some((path) => path.endsWith('/v1/subjectaccessreviews')))
})

t.test(
  "the settings are the sidecar's, the rules those of its service account",
  real(),
  async (t) => {
    const env = [
      { name: 'RELEASE_WHEN', value: 'settled' },
      { name: 'RESERVE_SECONDS', value: 'soon' },
      { name: 'POD_IPS', valueFrom: { fieldRef: { fieldPath: 'status.podIPs' } } },
    ]
    const gate = { ...sidecar, name: 'gate', image: 'registry.example/draingate:0.1.0' }
    const { laptop } = await stage(t, {
      spec: { initContainers: [{ ...gate, env }] },
      rules: [],
    })
    const { code, rows } = await laptop('shop/web-1')
    t.equal(code, 1)
    t.match(about(rows, 'settings'), [{ state: 'fail', said: /^RESERVE_SECONDS: 'soon'/ }])
    t.match(about(rows, 'grace period'), [{ said: /^RELEASE_WHEN=settled/ }])
    t.equal(rows.filter(({ said }) => said.startsWith('not allowed: ')).length, 7)
    t.match(about(rows, 'target'), [{ state: 'ok' }], 'our own eyes see it all the same')
  },
)

t.test('settings that are kept elsewhere', real(), async (t) => {
  const arns = { configMapKeyRef: { name: 'groups', key: 'arns' } }
  const env = [{ name: 'TARGET_GROUP_ARNS', valueFrom: arns }]
  const envFrom = [{ configMapRef: { name: 'groups' } }, { secretRef: { name: 'ids' } }]
  const args = ['--target-group-arns=$(MORE_ARNS)']
  const { laptop } = await stage(t, {
    spec: { initContainers: [{ ...sidecar, env, envFrom, args }] },
  })
  const { code, rows } = await laptop('shop/web-1')
  t.equal(code, 0)
  t.strictSame(unwell(rows), ['warn settings'])
  t.match(about(rows, 'settings'), [
    { said: /^what comes from ConfigMap groups, Secret ids is/ },
    {},
  ])
})

t.test('a Role that is bound to all service accounts of the namespace', real(), async (t) => {
  const { laptop, access } = await stage(t, { rules: [] })
  access.grantGroup('shop', 'system:serviceaccounts:shop', leastRules)
  const { code, rows } = await laptop('shop/web-1')
  t.strictSame(unwell(rows), [])
  t.equal(code, 0)
})

t.test('a sidecar without a token', real(), async (t) => {
  const { volumeMounts: _none, ...bare } = sidecar
  const { laptop } = await stage(t, { spec: { initContainers: [bare] } })
  const { code, rows } = await laptop('shop/web-1')
  t.equal(code, 1)
  t.strictSame(unwell(rows), ['fail token'])
  t.match(about(rows, 'token'), [{ fix: /automountServiceAccountToken: true/ }])
})

t.test('a sidecar without AWS credentials', real(), async (t) => {
  const off = { name: 'AWS_EC2_METADATA_DISABLED', value: 'true' }
  const path = '/var/run/secrets/eks.amazonaws.com/serviceaccount'
  const irsa = [
    { name: 'AWS_ROLE_ARN', value: 'arn:aws:iam::123456789012:role/web' },
    { name: 'AWS_WEB_IDENTITY_TOKEN_FILE', value: `${path}/token` },
  ]
  const { laptop, put } = await stage(t, { spec: { initContainers: [{ ...sidecar, env: [off] }] } })
  const without = await laptop('shop/web-1')
  t.equal(without.code, 1)
  t.strictSame(unwell(without.rows), ['fail credentials'])
  const [row] = about(without.rows, 'credentials')
  t.match(row, { said: /^no AWS credentials: give .* a role, by IRSA or Pod Identity/ })

  const withRole = { ...sidecar, env: [off, ...irsa] }
  const put1 = (name: string, rest: object) =>
    put(
      pods,
      podObject({ containers: [app], initContainers: [{ ...withRole, ...rest }] }, { name }),
    )
  const volumeMounts = [...sidecar.volumeMounts, { name: 'aws-token', mountPath: path }]
  put1('mounted', { volumeMounts })
  put1('unmounted', {})
  t.strictSame(about((await laptop('shop/mounted')).rows, 'credentials'), [])
  t.match(about((await laptop('shop/unmounted')).rows, 'credentials'), [
    { said: `no AWS credentials: cannot read ${path}/token` },
  ])
})

t.test('nor does it need one, where all is set', real(), async (t) => {
  const { volumeMounts: _none, ...bare } = sidecar
  const { laptop, put, arn } = await stage(t)
  const env = [{ name: 'TARGET_GROUP_ARNS', value: arn }]
  put(pods, podObject({ containers: [app], initContainers: [{ ...bare, env }] }, { name: 'set' }))
  const { code, rows } = await laptop('shop/set')
  t.equal(code, 0)
  t.match(about(rows, 'token'), [{ state: 'warn' }])
})

t.test('a command that is not read', real(), async (t) => {
  const command = ['sh', '-c', 'exec draingate --release-when=settled']
  const { laptop } = await stage(t, { spec: { initContainers: [{ ...sidecar, command }] } })
  const { code, rows } = await laptop('shop/web-1')
  t.equal(code, 0)
  t.strictSame(unwell(rows), ['warn settings'])
  t.match(about(rows, 'settings'), [
    { said: /^the command of container draingate \(sh\) is not/ },
    {},
  ])
})

t.test('reviews may not be made: the rest is looked at', real(), async (t) => {
  const { laptop } = await stage(t)
  const { code, rows } = await laptop('shop/web-1', leastRules)
  t.equal(code, 0)
  t.match(about(rows, 'may get pods'), [
    { state: 'warn', said: /forbidden; you need .*"subjectaccessreviews"/ },
  ])
  t.match(about(rows, 'target'), [{ state: 'ok' }])
})

t.test('neither CRD is there', real(), async (t) => {
  const { laptop, uninstall } = await stage(t)
  uninstall(controllerBindings)
  uninstall(autoModeBindings)
  const { code, rows } = await laptop('shop/web-1')
  t.equal(code, 0)
  t.strictSame(unwell(rows), ['warn bindings', 'warn bindings'])
})

t.test('its group is there, but not its CRD', real(), async (t) => {
  const { laptop, uninstall, install } = await stage(t)
  uninstall(autoModeBindings)
  install(nodeDiagnostics)
  const { code, rows } = await laptop('shop/web-1')
  t.equal(code, 0)
  t.strictSame(unwell(rows), [])
})

t.test('a proxy that answers 404 in the place of the API server', real(), async (t) => {
  const { laptop, server } = await stage(t)
  server.break('/pods/', { kind: 'page-not-found' })
  t.match(await laptop('shop/web-1'), {
    ...{ code: 1, rows: [{ check: 'pod', said: /a 404 that is not of the API server/ }] },
  })
  server.mend()
  server.break('/targetgroupbindings', { kind: 'page-not-found' })
  const { code, rows } = await laptop('shop/web-1')
  t.equal(code, 1)
  t.match(about(rows, 'bindings'), [{ state: 'fail', said: /a 404 that is not/ }, {}])
})

t.test('an app that runs draingate itself', real(), async (t) => {
  const command = ['/usr/local/bin/node', '/app/draingate.js', 'wait']
  const app = {
    ...{ name: 'web', image: 'web:1.0.0', lifecycle: { preStop: { exec: { command } } } },
    volumeMounts: sidecar.volumeMounts,
    env: [{ name: 'RELEASE_WHEN', value: 'idle' }],
  }
  const { laptop } = await stage(t, { spec: { containers: [app], initContainers: [] } })
  const { code, rows } = await laptop('shop/web-1')
  t.equal(code, 0)
  t.match(about(rows, 'grace period'), [{ said: /^RELEASE_WHEN=idle/ }])
})

t.test('what cannot be looked at', real(), async (t) => {
  const { laptop, put, server } = await stage(t)
  t.match(await laptop('shop/web-2'), {
    ...{ code: 1, rows: [{ check: 'pod', state: 'fail', said: 'get pods web-2: not found' }] },
  })
  put(pods, podObject({}, { name: 'bare' }))
  t.match(await laptop('shop/bare'), {
    ...{ code: 1, rows: [{ check: 'sidecar', said: 'pod bare has no container draingate' }] },
  })
  t.match(await laptop('shop/web-1', []), {
    ...{ code: 1, rows: [{ check: 'pod', said: /forbidden; you need .*"pods"/ }] },
  })
  await server.close()
  t.match(await laptop('shop/web-1'), { code: 1, rows: [{ said: /kubectl: .*refused/ }] })
})

t.test('no kubectl on the PATH', async (t) => {
  const { code, stdout } = await run(['doctor', '--pod', 'shop/web-1'])
  t.equal(code, 1)
  t.match(stdout, /^fail {2}pod {2}get pods web-1: kubectl is not installed, or not on the PATH\n/)
})
