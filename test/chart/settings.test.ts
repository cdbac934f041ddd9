import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readCommandLine } from '../../src/settings/read.ts'
import { settings } from '../../src/settings/settings.ts'
import { noBinaries } from './binaries.ts'
import { cases } from './cases.ts'
import { environmentOf, type PodSpec, podSpecsOf, sidecarOf } from './pods.ts'
import { objectsOf, render } from './render.ts'

const examples = join(import.meta.dirname, '../../examples')

t.test('the grace period is the sum of docs/grace-period.md', { skip: noBinaries }, async (t) => {
  const idle = { releaseWhen: 'idle', idle: { longestRequestSeconds: 0 } }
  const settled = { releaseWhen: 'settled' }
  const nlb = { loadBalancer: 'nlb' }
  const delay = (seconds: number) => ({ deregistrationDelaySeconds: seconds, reserveSeconds: 5 })
  const sums: [object, number][] = [
    [delay(300), 325],
    [delay(30), 55],
    [delay(5), 45],
    [{ ...delay(300), ...nlb }, 325],
    [{ ...delay(120), ...nlb }, 145],
    [{ ...delay(30), ...nlb }, 145],
    [{ ...delay(30), settleSeconds: 60 }, 85],
    [{ ...delay(30), settleSeconds: 0 }, 55],
    [{ ...delay(300), ...idle }, 110],
    [{ ...delay(300), ...idle, idle: { longestRequestSeconds: 900 } }, 325],
    [{ ...delay(30), ...idle }, 55],
    [
      { ...delay(300), ...idle, ...nlb, idle: { keepAliveSeconds: 0, longestRequestSeconds: 40 } },
      190,
    ],
    [{ ...delay(300), ...settled, reserveSeconds: 35 }, 75],
    [{ ...delay(300), ...settled, ...nlb }, 145],
    [{ ...delay(300), controllerLagSeconds: 60 }, 365],
    [{ ...delay(300), terminationGracePeriodSeconds: 50 }, 50],
  ]
  await Promise.all(
    sums.map(async ([values, seconds]) => {
      const [spec] = podSpecsOf(objectsOf(await render('helm-app', values)))
      t.equal(spec?.terminationGracePeriodSeconds, seconds, JSON.stringify(values))
    }),
  )
})

t.test('the program takes what the chart gives it', { skip: noBinaries }, async (t) => {
  for (const { name, chart, values } of cases) {
    if (chart === 'alone') continue
    for (const spec of podSpecsOf(objectsOf(await render(chart, values)))) taken(t, name, spec)
  }
})

t.test('the program takes what the chart gives the lookout', { skip: noBinaries }, async (t) => {
  for (const { name, values } of cases.filter(({ name }) => /^lookout/.test(name))) {
    const [spec] = podSpecsOf(objectsOf(await render('alone', values)))
    if (!t.ok(spec, name) || !spec) continue
    const environment = environmentOf(spec)
    t.same(unknownIn(environment), [], `${name} sets no variable that nobody reads`)
    const read = readCommandLine(['lookout'], environment)
    if (read.kind !== 'lookout') throw new Error(JSON.stringify(read))
    const { settings } = read
    t.match(settings.LOOKOUT_URL[0]?.host, 'draingate-lookout.shop.svc:8089', 'knows its own name')
    t.equal(settings.LISTEN_ADDRESS.port, spec.containers[0]?.ports?.[0]?.containerPort)
  }
})

t.test('the program takes what the manifests give it', async (t) => {
  for (const name of ['native-sidecar', 'lookout-sidecar', 'regular-sidecar', 'exec-hook']) {
    const manifest = await readFile(join(examples, `${name}.yaml`), 'utf8')
    for (const spec of podSpecsOf(objectsOf(manifest))) taken(t, name, spec)
  }
})

// Read by the SDK and by Node.js.
const others = ['AWS_EC2_METADATA_DISABLED', 'NODE_EXTRA_CA_CERTS']

function unknownIn(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).filter(
    (variable) => !(variable in settings) && !others.includes(variable),
  )
}

function taken(t: Test, name: string, spec: PodSpec) {
  const environment = environmentOf(spec)
  t.same(unknownIn(environment), [], `${name} sets no variable that nobody reads`)
  t.match(
    readCommandLine([], { KUBERNETES_SERVICE_HOST: '10.100.0.1', ...environment }),
    {
      kind: 'serve',
      settings: { GRACE_PERIOD_SECONDS: spec.terminationGracePeriodSeconds * 1_000 },
    },
    `${name} has one grace period`,
  )
  const port = sidecarOf(spec)?.ports?.[0]?.containerPort
  if (port === undefined) return
  const ports = spec.containers.flatMap(({ lifecycle }) => lifecycle?.preStop?.httpGet?.port ?? [])
  t.same(ports, [port], `${name} calls the hook where the sidecar listens`)
}
