import t from 'tap'
import { phaseOf, settleOf } from '../../src/drain/target.ts'

const rows: [state: string, reason: string | undefined, phase: string][] = [
  ['initial', 'Elb.RegistrationInProgress', 'registered'],
  ['initial', 'Elb.InitialHealthChecking', 'registered'],
  ['healthy', undefined, 'registered'],
  ['unavailable', 'Target.HealthCheckDisabled', 'registered'],
  ['unavailable', 'Elb.InternalError', 'registered'],
  ['a state of next year', undefined, 'registered'],
  ['draining', 'Target.DeregistrationInProgress', 'draining'],
  ['unhealthy.draining', undefined, 'draining'],
  ['unhealthy', 'Target.FailedHealthChecks', 'gone'],
  ['unused', 'Target.NotRegistered', 'gone'],
  ['unused', 'Target.NotInUse', 'gone'],
  ['unused', 'Target.IpUnusable', 'gone'],
  ['unavailable', 'Target.NotRegistered', 'gone'],
]

for (const [state, reason, phase] of rows) {
  t.test(`${state} ${reason ?? ''} is ${phase}`, async (t) => {
    t.equal(phaseOf({ state, ...(reason ? { reason } : {}) }, 'serving').kind, phase)
  })
}

t.test('unhealthy in a group that fails open is served', async (t) => {
  t.equal(phaseOf({ state: 'unhealthy' }, 'failing-open').kind, 'registered')
})

t.test('unhealthy where it is not known whether the group fails open holds', async (t) => {
  t.equal(phaseOf({ state: 'unhealthy' }, 'unknown').kind, 'registered')
})

t.test('settle time by load balancer kind', async (t) => {
  t.equal(settleOf('application'), 20_000)
  t.equal(settleOf('network'), 120_000)
  t.equal(settleOf('gateway'), 120_000)
})
