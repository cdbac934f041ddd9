import { rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { aside } from '../support/aside.ts'
import { about, stage, unwell } from './stage.ts'

t.jobs = 2

t.test('nobody there: AWS', aside(), async (t) => {
  const { doctor, aws } = await stage(t)
  await aws.close()
  const { code, rows } = await doctor()
  t.equal(code, 1)
  t.strictSame(unwell(rows), [
    ...['fail identity', 'fail DescribeTargetHealth', 'warn description', 'warn description'],
    'warn grace period',
  ])
  t.match(about(rows, 'DescribeTargetHealth'), [{ said: /ECONNREFUSED/ }])
})

t.test('nobody there: the API server, and AWS is looked at all the same', aside(), async (t) => {
  const { doctor, server, arn } = await stage(t)
  await server.close()
  const { code, rows } = await doctor({ TARGET_GROUP_ARNS: arn, POD_IPS: '10.0.1.7' })
  t.equal(code, 1)
  t.match(about(rows, 'pod'), [{ state: 'fail', said: /no answer.*ECONNREFUSED/ }])
  t.match(about(rows, 'target'), [{ state: 'ok' }])
})

t.test('nobody there: an API server that does not answer', aside(), async (t) => {
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
t.test('no token: no target group can be found', aside(), async (t) => {
  const { doctor, directory } = await stage(t)
  rmSync(join(directory, 'token'))
  const { code, rows } = await doctor()
  t.equal(code, 1)
  t.strictSame(unwell(rows), ['warn cluster', 'fail target groups'])
  t.match(about(rows, 'cluster'), [{ said: /set automountServiceAccountToken: true/ }])
})

t.test('no token: what the settings tell is enough', aside(), async (t) => {
  const { doctor, directory, arn } = await stage(t)
  rmSync(join(directory, 'token'))
  const told = { TARGET_GROUP_ARNS: arn, POD_IPS: '10.0.1.7', GRACE_PERIOD_SECONDS: '60' }
  const { code, rows } = await doctor(told)
  t.equal(code, 0)
  t.strictSame(unwell(rows), ['warn cluster'])
  t.match(about(rows, 'grace period'), [{ state: 'ok', said: /the pod has 60 s/ }])
})

t.test('a proxy in the environment is not asked', aside(), async (t) => {
  const { doctor } = await stage(t)
  const nobody = 'http://127.0.0.1:1'
  const { rows } = await doctor({ HTTPS_PROXY: nobody, https_proxy: nobody, ALL_PROXY: nobody })
  t.strictSame(unwell(rows), [])
})
