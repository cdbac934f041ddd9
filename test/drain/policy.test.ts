import t from 'tap'
import type { Limits } from '../../src/drain/limits.ts'
import { step } from '../../src/drain/policy.ts'
import { begin, type Fact } from '../../src/drain/progress.ts'
import { roomy } from '../support/drain-under-test.ts'
import { draining, type Entry, pod } from '../support/scripted-balancer.ts'

const s = 1_000
const at = (ms: number) => ({ askedAtMs: ms, answeredAtMs: ms })

function looked(ms: number, entry?: Entry): Fact {
  const target = { group: 'a', id: pod, port: 8080 }
  const sightings = entry ? [{ target, ...entry }] : []
  const answer = { kind: 'seen', sightings, group: 'serving' } as const
  return { kind: 'looked', group: 'a', view: { kind: 'listing' }, answer, ...at(ms) }
}

function described(deregistrationDelayMs: number): Fact {
  const facts = { deregistrationDelayMs, loadBalancer: 'application' } as const
  const answer = { kind: 'described', facts, missing: [] } as const
  return { kind: 'described', group: 'a', answer, ...at(0) }
}

function counted(ms: number): Fact {
  return {
    kind: 'counted',
    answer: { kind: 'counted', established: new Map([[8080, 0]]) },
    ...at(ms),
  }
}

/** What the policy says at `now` of one group, about which these facts became known. */
function verdictOf(facts: readonly Fact[], now: number, limits: Partial<Limits> = {}) {
  return step(begin(['a'], 0), facts, now, { ...roomy, ...limits })[1]
}

t.test('idle: an old count says nothing of now', async (t) => {
  const counts = [15, 16, 17, 18, 19, 20].map((second) => counted(second * s))
  const facts = [described(300 * s), looked(0, draining), ...counts]
  const idle = { releaseWhen: 'idle' } as const
  t.equal(verdictOf([...facts, looked(21 * s, draining)], 21 * s, idle).kind, 'release')
  t.equal(verdictOf([...facts, looked(30 * s, draining)], 30 * s, idle).kind, 'hold')
})

t.test('draining again after it had finished settles anew', async (t) => {
  const facts = [described(5 * s), looked(0, draining), looked(6 * s), looked(25 * s, draining)]
  t.equal(verdictOf([...facts, looked(30 * s)], 30 * s).kind, 'hold')
  t.equal(verdictOf([...facts, looked(45 * s)], 45 * s).kind, 'release')
})
