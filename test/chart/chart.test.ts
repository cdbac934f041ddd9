import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { noBinaries, run } from './binaries.ts'
import { cases } from './cases.ts'
import { builtApp, type Chart, inFolder, objectsOf, render } from './render.ts'
import { faultsOf } from './schemas.ts'
import { snapshotOf } from './snapshots.ts'

const root = join(import.meta.dirname, '../..')

t.test('the chart has the version of the program', async (t) => {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  const chart = parse(await readFile(join(root, 'chart/Chart.yaml'), 'utf8'))
  t.match(chart, { version, appVersion: version })
  const app = parse(await readFile(join(root, 'examples/helm-app/Chart.yaml'), 'utf8'))
  t.match(app.dependencies, [{ name: 'draingate', version }])
})

t.test('helm lint --strict', { skip: noBinaries }, async (t) => {
  t.match(await run('helm', ['lint', '--strict', join(root, 'chart')]), '0 chart(s) failed')
  await inFolder(async (folder) => {
    const app = await builtApp('helm-app', folder)
    t.match(await run('helm', ['lint', '--strict', app]), '0 chart(s) failed')
  })
})

t.test('what the chart renders to', { skip: noBinaries }, async (t) => {
  const objects = []
  for (const each of cases) {
    const manifest = await render(each.chart, each.values)
    const snapshot = await readFile(snapshotOf(each), 'utf8')
    t.equal(manifest, snapshot, `${each.name}: node test/chart/snapshots.ts`)
    objects.push(...objectsOf(manifest))
  }
  t.same(await faultsOf(objects), [], "fits Kubernetes' schemas")
})

t.test('an unknown field, a wrong type and a missing field are found', async (t) => {
  const metadata = { name: 'web' }
  const service = { apiVersion: 'v1', kind: 'Service', metadata }
  t.match(await faultsOf([{ ...service, spec: { porst: [] } } as never]), [/porst/])
  t.match(await faultsOf([{ ...service, spec: { ports: [{ port: 'x' }] } } as never]), [
    /ports\/0\/port must be integer/,
    /not assignable/,
  ])
  t.match(
    await faultsOf([{ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: {} } as never]),
    [/must have required property/, /is missing/],
  )
})

t.test('values that are refused, and how', { skip: noBinaries }, async (t) => {
  const refusals: [object, RegExp][] = [
    [{ relaseWhen: 'idle' }, /additional properties 'relaseWhen' not allowed/],
    [{ idle: { second: 5 } }, /'\/idle': additional properties 'second' not allowed/],
    [{ releaseWhen: 'never' }, /'\/releaseWhen': value must be one of 'deregistered', 'idle'/],
    [{ port: '8089' }, /'\/port': got string, want integer/],
    [{ port: 70_000 }, /'\/port': maximum/],
    [{ deregistrationDelaySeconds: 4_000 }, /'\/deregistrationDelaySeconds': maximum/],
    [{ reserveSeconds: 2.5 }, /'\/reserveSeconds': got number, want integer/],
    [{ targetGroupArns: ['web'] }, /'\/targetGroupArns\/0': 'web' does not match pattern/],
    [{ serviceAccount: { roleArn: 'web' } }, /'\/serviceAccount\/roleArn'/],
    [{ image: { digest: 'latest' } }, /'\/image\/digest'/],
    [{ injection: { namespaces: 'shop' } }, /'\/injection\/namespaces': got string, want array/],
    [{ lookout: { else: 'other' } }, /'\/lookout\/else': value must be one of 'nobody', 'self'/],
    [{ lookout: { url: 'lookout:8089' } }, /'\/lookout\/url': 'lookout:8089' does not match/],
    [{ lookout: { replicas: 0 } }, /'\/lookout\/replicas': minimum/],
    [{ lookout: { image: { tag: '1' } } }, /'\/lookout\/image': got object, want string/],
  ]
  for (const [values, complaint] of refusals) {
    await t.rejects(render('alone', values), { message: complaint }, JSON.stringify(values))
  }
})

t.test('what only the templates can refuse', { skip: noBinaries }, async (t) => {
  const tls = { secretName: 'draingate-lookout-tls' }
  const untrusted = { injection: { enabled: true }, lookout: { enabled: true, tls } }
  await t.rejects(render('alone', untrusted), { message: /set lookout\.tls\.caConfigMap\.name/ })
  await t.rejects(render('helm-app', { terminationGracePeriodSeconds: 20, reserveSeconds: 20 }), {
    message: /terminationGracePeriodSeconds \(20\) has to be more than reserveSeconds \(20\)/,
  })
  await t.rejects(render('helm-app', {}, ['--kube-version', '1.28.0']), {
    message: /native sidecars need Kubernetes 1\.29/,
  })
})

t.test('who gets access of their own', { skip: noBinaries }, async (t) => {
  const kinds = async (chart: Chart, values: object) =>
    objectsOf(await render(chart, values)).map(({ kind, metadata }) => `${kind} ${metadata.name}`)
  const lookout = { enabled: true }
  const injection = { enabled: true, namespaces: ['shop'] }
  const alone = await kinds('alone', { lookout })
  t.notOk(alone.includes('ServiceAccount draingate'), 'a release for the cluster has no app')
  t.notOk(alone.some((each) => each.startsWith('Role ')))
  const injected = await kinds('alone', { lookout, injection })
  t.ok(injected.includes('MutatingAdmissionPolicy draingate'))
  t.notOk(injected.some((each) => /^(ClusterRole|RoleBinding) draingate$/.test(each)))
  const both = await kinds('alone', { lookout: { ...lookout, else: 'self' }, injection })
  t.ok(both.includes('ClusterRole draingate') && both.includes('RoleBinding draingate'))
  const url = 'http://draingate-lookout.draingate.svc:8089'
  const app = await kinds('helm-app', { lookout: { url } })
  t.ok(app.includes('ServiceAccount web'))
  t.notOk(
    app.some((each) => each.startsWith('Role')),
    'an app that asks the lookout has no Role',
  )
  const bare = {
    rbac: { create: false },
    lookout: { ...lookout, serviceAccount: { create: false } },
  }
  t.notMatch(await kinds('alone', bare), [/ClusterRole|ServiceAccount/])
})
