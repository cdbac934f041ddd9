import t from 'tap'
import { kindOf } from '../../src/drain/protocol.ts'
import { phaseOf, settleOf } from '../../src/drain/target.ts'

const rows: [state: string, reason: string | undefined, phase: string][] = [
  ['initial', 'Elb.RegistrationInProgress', 'registered'],
  ['initial', 'Elb.InitialHealthChecking', 'registered'],
  ['healthy', undefined, 'registered'],
  ['unavailable', 'Target.HealthCheckDisabled', 'registered'],
  ['unavailable', 'Elb.InternalError', 'registered'],
  ['a state of next year', undefined, 'registered'],
  // Its group is on no listener: as yet, or just now.
  ['unused', 'Target.NotInUse', 'registered'],
  ['draining', 'Target.DeregistrationInProgress', 'draining'],
  ['unhealthy.draining', undefined, 'draining'],
  ['unhealthy', 'Target.FailedHealthChecks', 'gone'],
  ['unused', 'Target.NotRegistered', 'gone'],
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

t.test(
  'the settle time by kind of load balancer; the slowest of one that nobody knows',
  async (t) => {
    t.equal(settleOf('application'), 20_000)
    t.equal(settleOf('network'), 120_000)
    t.equal(settleOf('gateway'), 120_000)
    t.equal(settleOf(undefined), 120_000)
  },
)

const kinds = {
  HTTP: ['application', 'connections'],
  HTTPS: ['application', 'connections'],
  TCP: ['network', 'connections'],
  TLS: ['network', 'connections'],
  UDP: ['network', 'datagrams'],
  TCP_UDP: ['network', 'datagrams'],
  QUIC: ['network', 'datagrams'],
  TCP_QUIC: ['network', 'datagrams'],
  GENEVE: ['gateway', 'datagrams'],
  // Not known here: the slowest to settle, and nothing to count.
  MORSE: ['network', 'datagrams'],
  constructor: ['network', 'datagrams'],
}
for (const [protocol, [loadBalancer, traffic]] of Object.entries(kinds)) {
  t.test(`${protocol}: ${loadBalancer}, ${traffic}`, async (t) => {
    t.strictSame(kindOf(protocol), { loadBalancer, traffic })
  })
}
