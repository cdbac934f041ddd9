import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { about, stage, unwell } from './stage.ts'

t.jobs = 2
const aside = { buffered: true }

t.test('nobody at the end of the line', aside, async (t) => {
  t.jobs = 2
  t.test('AWS', aside, async (t) => {
    const { doctor, aws } = await stage(t)
    await aws.close()
    const { code, rows } = await doctor()
    t.equal(code, 1)
    t.strictSame(unwell(rows), [
      ...['fail identity', 'fail DescribeTargetHealth', 'warn description', 'warn description'],
    ])
    t.match(about(rows, 'DescribeTargetHealth'), [{ said: /ECONNREFUSED/ }])
  })
  t.test('the API server: the AWS part is looked at all the same', aside, async (t) => {
    const { doctor, server, arn } = await stage(t)
    await server.close()
    const { code, rows } = await doctor({ TARGET_GROUP_ARNS: arn, POD_IPS: '10.0.1.7' })
    t.equal(code, 1)
    t.match(about(rows, 'pod'), [{ state: 'fail', said: /no answer.*ECONNREFUSED/ }])
    t.match(about(rows, 'target'), [{ state: 'ok' }])
  })
  t.test('an API server that does not answer', aside, async (t) => {
    const { doctor, server } = await stage(t)
    server.break('/', { kind: 'hang' })
    const { code, rows } = await doctor()
    t.equal(code, 1)
    t.match(about(rows, 'pod'), [{ state: 'fail', said: /nothing within 5 s/ }])
    t.match(about(rows, 'target groups'), [
      { state: 'fail', said: /without the pod none can be found/ },
    ])
    t.match(about(rows, 'identity'), [{ state: 'ok' }])
  })
})

t.test('no token', aside, async (t) => {
  t.jobs = 2
  t.test('no target group can be found', aside, async (t) => {
    const { doctor, directory } = await stage(t)
    rmSync(join(directory, 'token'))
    const { code, rows } = await doctor()
    t.equal(code, 1)
    t.strictSame(unwell(rows), ['warn cluster', 'fail target groups'])
    t.match(about(rows, 'cluster'), [{ said: /set automountServiceAccountToken: true/ }])
  })
  t.test('what the settings tell is enough', aside, async (t) => {
    const { doctor, directory, arn } = await stage(t)
    rmSync(join(directory, 'token'))
    const told = { TARGET_GROUP_ARNS: arn, POD_IPS: '10.0.1.7', GRACE_PERIOD_SECONDS: '60' }
    const { code, rows } = await doctor(told)
    t.equal(code, 0)
    t.strictSame(unwell(rows), ['warn cluster'])
    t.match(about(rows, 'grace period'), [{ state: 'ok', said: /the pod has 60 s/ }])
  })
})
