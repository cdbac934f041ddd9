import t from 'tap'
import { leastRules } from '../../lab/kubernetes/access.ts'
import { aside } from '../support/aside.ts'
import { about, stage, unwell, without } from './stage.ts'

// Each of these is mostly the start of a process.
t.jobs = 2

t.test('all is well', aside(), async (t) => {
  const { doctor } = await stage(t)
  const { code, rows } = await doctor()
  t.strictSame(unwell(rows), [])
  t.equal(code, 0)
  t.match(about(rows, 'pod'), [{ said: 'shop/web-1, 10.0.1.7, fd00::7, grace period 60 s' }])
  t.match(about(rows, 'bindings'), [{ said: 'web (Service web)' }])
  t.match(about(rows, 'identity'), [{ said: /^arn:aws:iam::123456789012:user\/lab$/ }])
  t.match(about(rows, 'target'), [{ said: '10.0.1.7 port 8080 of web is healthy' }])
})

const bindings = 'targetgroupbindings'
const rules: [group: string, resource: string, verb: string, unwell: string[]][] = [
  ['', 'pods', 'get', ['fail pod', 'warn may get pods', 'fail target groups']],
  ['', 'services', 'list', ['warn bindings', 'warn may list services']],
  ...['elbv2.k8s.aws', 'eks.amazonaws.com'].flatMap((group): typeof rules => [
    [group, bindings, 'list', ['warn bindings', `warn may list ${bindings} (${group})`]],
    [group, bindings, 'get', [`warn may get ${bindings} (${group})`]],
  ]),
  ['', 'events', 'create', ['warn may create events']],
]

for (const [group, resource, verb, expected] of rules) {
  t.test(`a Role that lacks ${verb} ${resource} ${group}`, aside(), async (t) => {
    const { doctor } = await stage(t, { rules: without(group, resource, verb) })
    const { code, rows } = await doctor()
    t.strictSame(unwell(rows), expected)
    t.equal(code, resource === 'pods' ? 1 : 0)
    const rule = `add {apiGroups: ["${group}"], resources: ["${resource}"], verbs: ["${verb}"]}`
    t.match(
      rows.filter(({ check, state }) => check.startsWith('may') && state === 'warn'),
      [{ said: /^not allowed: /, fix: `${rule} to the Role of its service account` }],
    )
  })
}

t.test('a Role that lacks all but its pod: no group can be found', aside(), async (t) => {
  const rules = leastRules.filter(({ resources }) => resources.includes('pods'))
  const { doctor } = await stage(t, { rules })
  const { code, rows } = await doctor()
  t.equal(code, 1)
  t.ok(unwell(rows).includes('fail bindings'))
  t.notMatch(about(rows, 'bindings'), [{ said: /^no TargetGroupBinding/ }])
})

const actions = [
  ['DescribeTargetHealth', ['fail DescribeTargetHealth']],
  ['DescribeTargetGroupAttributes', ['warn description', 'warn grace period']],
  ['DescribeTargetGroups', ['warn description']],
  ['GetCallerIdentity', ['fail identity']],
] as const
for (const [action, expected] of actions) {
  t.test(`${action} is denied`, aside(), async (t) => {
    const { doctor, aws } = await stage(t)
    aws.faults.add({ kind: 'denied', action })
    const { code, rows } = await doctor()
    t.strictSame(unwell(rows), expected)
    t.equal(code, expected[0].startsWith('fail') ? 1 : 0)
    const service = action === 'GetCallerIdentity' ? 'sts' : 'elasticloadbalancing'
    const [row] = rows.filter(({ state }) => state !== 'ok')
    t.match(row, { said: new RegExp(`allow ${service}:${action} for arn:aws:iam`) })
  })
}
t.test('no credentials at all', aside(), async (t) => {
  const { doctor } = await stage(t)
  const { code, rows } = await doctor({ AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' })
  t.equal(code, 1)
  t.match(about(rows, 'identity'), [{ state: 'fail', said: /by IRSA or Pod Identity/ }])
})
