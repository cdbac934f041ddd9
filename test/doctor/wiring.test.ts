import t from 'tap'
import { controllerBindings } from '../../lab/kubernetes/resources.ts'
import { controllerLagMs } from '../../src/drain/judgement/limits.ts'
import { aside } from '../support/aside.ts'
import { arnOfGroup, binding } from '../support/scripted-cluster.ts'
import { run } from '../support/sidecar.ts'
import { about, app, hook, type Scene, sidecar, stage, unwell } from './stage.ts'

t.jobs = 2

interface Case extends Scene {
  readonly env?: Record<string, string>
  readonly unwell: readonly string[]
  /** What the first of them says; where all is well, the grace period's row. */
  readonly match: object
}

const lag = controllerLagMs / 1_000
const hookTo = (rest: object) => ({
  lifecycle: { preStop: { httpGet: { path: '/prestop', port: 8089, ...rest } } },
})
const exec = (...command: string[]) => ({ lifecycle: { preStop: { exec: { command } } } })

const cases: Record<string, Case> = {
  'settings that are wrong': {
    env: { RESERVE_SECONDS: 'soon', RELEASE_WHEN: 'later' },
    unwell: ['fail settings', 'fail settings'],
    match: { check: 'settings', said: /^RESERVE_SECONDS: 'soon' is not / },
  },
  'a grace period without room for the delay': {
    spec: { terminationGracePeriodSeconds: lag + 34 },
    unwell: ['fail grace period'],
    match: {
      said: `RELEASE_WHEN=deregistered on web needs a grace period of ${lag + 35} s, the pod has ${lag + 34} s`,
      fix: `set terminationGracePeriodSeconds to ${lag + 35}, or lower the delay, or set RELEASE_WHEN=idle`,
    },
  },
  'a grace period without room for anything': {
    spec: { terminationGracePeriodSeconds: 20 },
    unwell: ['fail grace period'],
    match: { said: new RegExp(`needs a grace period of ${lag + 35} s, the pod has 20 s$`) },
  },
  'a mode that does not wait for the delay needs less': {
    spec: { terminationGracePeriodSeconds: lag + 34 },
    env: { RELEASE_WHEN: 'settled' },
    unwell: [],
    match: { said: new RegExp(`needs a grace period of ${lag + 25} s`) },
  },
  'a pod that is in no target group': {
    target: 'absent',
    unwell: ['warn target'],
    match: { said: 'this pod is not in web', fix: 'is it ready, and does the Service select it?' },
  },
  'a target that is not healthy': {
    target: 'unhealthy',
    unwell: ['warn target'],
    match: { said: /^10\.0\.1\.7 port 8080 of web is unhealthy \(Target\./ },
  },
  'a group of nodes': {
    group: { targetType: 'instance' },
    target: 'absent',
    unwell: ['warn instance-targets', 'warn target'],
    match: { check: 'instance-targets', said: /nodes, which nobody deregisters for a pod/ },
  },
  'a group of nodes behind an NLB': {
    group: { targetType: 'instance', protocol: 'TCP' },
    target: 'absent',
    unwell: ['warn instance-targets', 'warn target', 'fail grace period'],
    match: { check: 'instance-targets' },
  },
  'a sidecar with flags': {
    spec: {
      containers: [{ ...app, ...hookTo({ port: 9000 }) }],
      initContainers: [
        { ...sidecar, args: ['--release-when=settled', '--listen-address=[::]:9000'] },
      ],
    },
    unwell: [],
    match: { check: 'grace period', said: new RegExp(`^RELEASE_WHEN=settled .* ${lag + 25} s`) },
  },
  'no hook': {
    spec: { containers: [{ name: 'app', image: 'web:1.0.0' }] },
    unwell: ['fail hook'],
    match: { fix: /^add httpGet with path \/prestop and port 8089/ },
  },
  'a hook to another port': {
    env: { LISTEN_ADDRESS: '[::]:9000' },
    unwell: ['fail hook'],
    match: { said: /calls port 8089, draingate listens on 9000/ },
  },
  'a container that serves, without a hook': {
    spec: { containers: [app, { name: 'web', ports: [{ containerPort: 8080 }] }] },
    unwell: ['fail hook'],
    match: {
      said: /^container web serves port 8080 of Service web and has no preStop hook that calls draingate/,
      fix: 'add httpGet with path /prestop and port 8089 to it',
    },
  },
  'a command that calls another port': {
    spec: { containers: [{ ...app, ...exec('curl', 'localhost:9999/prestop') }] },
    unwell: ['fail hook'],
    match: { said: /container app calls port 9999, draingate listens on 8089$/ },
  },
  'a command that has the word in it, and no more': {
    spec: { containers: [{ ...app, ...exec('echo', 'draingate') }] },
    unwell: ['fail hook'],
    match: { said: /^no container of the app has a preStop hook that calls draingate$/ },
  },
  'a command that cannot be read': {
    spec: { containers: [{ ...app, ...exec('/opt/draingate-notes.sh') }] },
    unwell: ['warn doubtful-hook'],
    match: { said: /whether that calls draingate cannot be told$/, fix: /^let it run `draingate/ },
  },
  "a host that is the node's own": {
    spec: { containers: [{ ...app, ...hookTo({ host: '127.0.0.1' }) }] },
    unwell: ['fail hook'],
    match: { said: /SIGTERM comes at once$/, fix: 'leave the host out' },
  },
  "a mesh's proxy that is an ordinary container": {
    spec: { containers: [app, { name: 'linkerd-proxy' }] },
    unwell: ['warn mesh-proxy'],
    match: { fix: /^make it a native sidecar/ },
  },
  'hostNetwork without a host': {
    spec: { hostNetwork: true },
    unwell: ['fail host-network'],
    match: { said: /of container app names no host/, fix: 'give it one' },
  },
  'no readiness gate': {
    spec: { readinessGates: [] },
    unwell: ['warn readiness-gate'],
    match: { fix: /label the namespace/ },
  },
}

for (const [name, { env, unwell: expected, match, ...scene }] of Object.entries(cases)) {
  t.test(name, aside(), async (t) => {
    const { doctor } = await stage(t, scene)
    const { code, rows } = await doctor(env)
    t.strictSame(unwell(rows), expected)
    t.equal(code, expected.some((one) => one.startsWith('fail')) ? 1 : 0)
    const [row] =
      expected.length > 0 ? rows.filter(({ state }) => state !== 'ok') : about(rows, 'grace period')
    t.match(row, match)
  })
}

t.test('a group that is only named, and has no such name', aside(), async (t) => {
  const { doctor, put } = await stage(t)
  const named = { targetGroupARN: undefined, targetGroupName: 'nobodys' }
  put(controllerBindings, binding('other', 'web', named))
  const { code, rows } = await doctor()
  t.equal(code, 1)
  t.match(about(rows, 'target groups'), [
    { state: 'fail', said: /^TargetGroupBinding other: DescribeTargetGroups: / },
  ])
  t.match(about(rows, 'target'), [{ state: 'ok' }], 'the other one is looked at all the same')
})

t.test('a flag of its own beats those of the sidecar', aside(), async (t) => {
  const args = ['--release-when=settled']
  const { inPod } = await stage(t, { spec: { initContainers: [{ ...sidecar, args }] } })
  const { stdout } = await run(['doctor', '--release-when=idle'], inPod)
  t.match(stdout, /RELEASE_WHEN=idle on web/)
})

t.test('nodes, though nobody may ask what kind of group it is', aside(), async (t) => {
  const group = { targetType: 'instance' } as const
  const { doctor, aws, registry, arn } = await stage(t, { group, target: 'absent' })
  registry.register(arn, [{ id: 'i-0123456789abcdef0', port: 30_080 }])
  aws.faults.add({ kind: 'denied', action: 'DescribeTargetGroups' })
  const { rows } = await doctor({ TARGET_GROUP_ARNS: arn })
  t.match(about(rows, 'target'), [{ state: 'warn', said: /are nodes/ }])
})

t.test('what kind of load balancer it is cannot be learnt: the slowest', aside(), async (t) => {
  const { doctor, aws, arn } = await stage(t)
  aws.faults.add({ kind: 'denied', action: 'DescribeTargetGroups' })
  const { rows } = await doctor({ TARGET_GROUP_ARNS: arn })
  t.match(about(rows, 'settle time'), [
    {
      state: 'warn',
      said: 'what kind of load balancer sends to web is not known: it settles like the slowest, 120 s',
      fix: 'allow elasticloadbalancing:DescribeTargetGroups, or set SETTLE_SECONDS=20 if it is an ALB',
    },
  ])
  const needed = new RegExp(`needs a grace period of ${lag + 125} s, the pod has 60 s`)
  t.match(about(rows, 'grace period'), [{ state: 'fail', said: needed }])
  const set = await doctor({ TARGET_GROUP_ARNS: arn, SETTLE_SECONDS: '20' })
  t.strictSame(about(set.rows, 'settle time'), [])
  t.match(about(set.rows, 'grace period'), [{ state: 'ok' }])
})

t.test('a delay that cannot be learnt: what is known to be needed', aside(), async (t) => {
  const { doctor, aws } = await stage(t, { spec: { terminationGracePeriodSeconds: 20 } })
  aws.faults.add({ kind: 'denied', action: 'DescribeTargetGroupAttributes' })
  const { rows } = await doctor()
  t.match(about(rows, 'grace period'), [
    {
      state: 'fail',
      said: `RELEASE_WHEN=deregistered on web needs a grace period of ${lag + 25} s at least, the pod has 20 s`,
    },
  ])
})

t.test('a binding that does not tell its protocol: AWS does', aside(), async (t) => {
  const { doctor, store, put, arn } = await stage(t)
  store.remove(controllerBindings, 'shop', 'web')
  put(
    controllerBindings,
    binding('web', 'web', { targetGroupARN: arn, targetGroupProtocol: undefined }),
  )
  const { rows } = await doctor()
  t.strictSame(unwell(rows), [])
})

t.test('groups that are set, and no binding', aside(), async (t) => {
  const { doctor, store, arn } = await stage(t)
  store.remove(controllerBindings, 'shop', 'web')
  const searched = await doctor()
  t.strictSame(unwell(searched.rows), ['warn bindings', 'warn bindings'])
  const told = await doctor({ TARGET_GROUP_ARNS: arn })
  t.strictSame(unwell(told.rows), ['warn bindings'], 'a gate waits for it all the same')
  t.match(about(told.rows, 'target'), [{ state: 'ok' }])
})

t.test(
  'groups that are set: one that does not exist, and not the one of the binding',
  aside(),
  async (t) => {
    const { doctor, arn } = await stage(t)
    const { code, rows } = await doctor({ TARGET_GROUP_ARNS: arnOfGroup('wbe') })
    t.equal(code, 1)
    t.match(about(rows, 'target-groups'), [
      {
        state: 'warn',
        said: `TargetGroupBinding web registers this pod with ${arn}, which TARGET_GROUP_ARNS does not name: hooks do not wait for it`,
        fix: /^name it as well, or leave TARGET_GROUP_ARNS out/,
      },
    ])
    t.match(about(rows, 'DescribeTargetHealth'), [{ state: 'fail', said: /does not exist/ }])
    const both = await doctor({ TARGET_GROUP_ARNS: `${arn},${arnOfGroup('wbe')}` })
    t.strictSame(about(both.rows, 'target-groups'), [])
    t.equal(both.code, 1)
  },
)

t.test('as a table', aside(), async (t) => {
  const { inPod } = await stage(t, {
    spec: { containers: [{ name: 'app', ...hook }], readinessGates: [] },
  })
  const { code, stdout, stderr } = await run(['doctor'], inPod)
  t.equal(code, 0)
  t.equal(stderr, '')
  const lines = stdout.split('\n')
  t.match(lines[0], /^ok {4}settings {2,}all of them can be read$/)
  const [at] = lines.flatMap((line, index) => (line.startsWith('warn') ? [index] : []))
  t.match(lines[at ?? 0], /^warn {2}readiness-gate +no readiness gate/)
  t.match(lines[(at ?? 0) + 1], /^ {6,}-> label the namespace/)
  t.match(stdout, /\n\n\d+ ok, 1 warn, 0 fail\n$/)
})

t.test('a command line that is wrong is no diagnosis', aside(), async (t) => {
  const { code, stdout, stderr } = await run(['doctor', '--pod', 'web'])
  t.equal(code, 2)
  t.equal(stdout, '')
  t.match(stderr, /--pod: 'web' is not a pod, like shop\/web-5d8f6/)
})

t.test('outside a cluster, with nothing set', aside(), async (t) => {
  const { code, stdout } = await run(['doctor'], { AWS_EC2_METADATA_DISABLED: 'true' })
  t.equal(code, 1)
  t.match(stdout, /warn {2}cluster .*KUBERNETES_SERVICE_HOST is not set\n +-> run it in the pod/)
})
