import t from 'tap'
import type { Limits } from '../../src/drain/limits.ts'
import { step } from '../../src/drain/policy.ts'
import { begin, type Fact } from '../../src/drain/progress.ts'
import { kindOf } from '../../src/drain/protocol.ts'
import { roomy } from '../support/drain-under-test.ts'
import { draining, type Entry, failure, healthy, pod } from '../support/scripted-balancer.ts'

const s = 1_000
const at = (ms: number) => ({ askedAtMs: ms, answeredAtMs: ms })

function looked(ms: number, entry?: Entry, group = 'a'): Fact {
  const target = { group, id: pod, port: 8080 }
  const sightings = entry ? [{ target, ...entry }] : []
  const answer = { kind: 'seen', sightings, group: 'serving' } as const
  return { kind: 'looked', group, view: { kind: 'listing' }, answer, ...at(ms) }
}

function described(deregistrationDelayMs: number): Fact {
  const facts = { deregistrationDelayMs, ...kindOf('HTTP') }
  const answer = { kind: 'described', facts, missing: [], narrowed: [] } as const
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

const unreachable = failure('unreachable')
const nothingFound: Fact = {
  kind: 'searched',
  answer: { kind: 'found', groups: [], missing: [], narrowed: [] },
  ...at(0),
}
const tight = { graceMs: 8 * s, reserveMs: 5 * s }

t.test('a search that is not over by the deadline ends at it, and not before', async (t) => {
  const none = begin([], 0)
  const verdict = (now: number, limits: Partial<Limits> = tight) =>
    step(none, [nothingFound], now, { ...roomy, ...limits })[1]
  t.match(verdict(3 * s - 1), { kind: 'hold', untilMs: 3 * s })
  t.strictSame(verdict(3 * s), { kind: 'release', outcome: { kind: 'deadline' } })
  t.match(verdict(1 * s, {}), { kind: 'hold', untilMs: 30 * s }, 'the fallback time comes first')
  t.match(verdict(31 * s, {}), { kind: 'hold', untilMs: 995 * s }, 'and then the deadline')
})

t.test('clear at the very deadline is no miss, however old the look', async (t) => {
  const facts = [described(5 * s), looked(0, draining), looked(20 * s)]
  const limits = { graceMs: 60 * s, reserveMs: 5 * s }
  t.match(verdictOf(facts, 55 * s - 1, limits), { kind: 'hold' })
  t.match(verdictOf(facts, 55 * s, limits), { outcome: { kind: 'deregistered' } })
})

t.test('stale: looks at that group, and wakes when the next one is', async (t) => {
  const both = (ms: number, entry?: Entry) => [looked(ms, entry), looked(ms, entry, 'b')]
  const facts = [...both(0, draining), looked(130 * s), looked(140 * s, undefined, 'b')]
  const [, verdict] = step(begin(['a', 'b'], 0), facts, 145 * s, roomy)
  t.match(verdict, { kind: 'hold', untilMs: 155 * s })
  const asks = verdict.kind === 'hold' ? verdict.asks : []
  t.strictSame(
    asks.flatMap((ask) => (ask.kind === 'look' ? [ask.group] : [])),
    ['a'],
  )
})

t.test('what cannot be learnt is not waited for because it is old', async (t) => {
  const lost: Fact = {
    ...{ kind: 'looked', group: 'a', view: { kind: 'listing' }, answer: unreachable },
    ...at(0),
  }
  t.match(verdictOf([lost], 30 * s), { outcome: { kind: 'fallback' } })
})

t.test('what was heard of the pod before a freeze makes no restart', async (t) => {
  const staying = { kind: 'pod', deletion: 'staying' } as const
  const heard: Fact = { kind: 'pod', answer: staying, ...at(15 * s) }
  const facts = [looked(14 * s, healthy), heard]
  t.match(verdictOf(facts, 30 * s), { outcome: { kind: 'not-terminating' } })
  t.match(verdictOf(facts, 30 * s + 1), { kind: 'hold' })
})

t.test('the deadline says how long it would have taken, where that is known', async (t) => {
  const atDeadline = (...facts: Fact[]) => {
    const limits = { ...roomy, graceMs: 9 * s, reserveMs: 5 * s }
    const [, verdict] = step(begin(['a'], 1 * s), facts, 5 * s, limits)
    return verdict.kind === 'release' ? verdict.outcome : verdict
  }
  const from = (entry?: Entry) => looked(1 * s, entry)
  t.strictSame(atDeadline(from(healthy)), { kind: 'deadline' }, 'not while it serves')
  t.strictSame(atDeadline(from(draining)), { kind: 'deadline' }, 'not without the delay')
  const known = (entry?: Entry, delayMs = 300 * s) => atDeadline(described(delayMs), from(entry))
  t.strictSame(known(draining, 5 * s), { kind: 'deadline', neededMs: 20 * s }, 'it settles')
  t.strictSame(known(draining), { kind: 'deadline', neededMs: 300 * s }, 'the delay')
  t.strictSame(
    known(),
    { kind: 'deadline', neededMs: 20 * s },
    'an absence of which it is not sure',
  )
  const other = { ...described(100 * s), group: 'b' } as const
  const facts = [described(300 * s), looked(0, draining), other, looked(0, draining, 'b')]
  const limits = { ...roomy, graceMs: 9 * s, reserveMs: 5 * s }
  const [, verdict] = step(begin(['a', 'b'], 0), facts, 4 * s, limits)
  t.match(verdict, { outcome: { neededMs: 300 * s } }, 'the longer of two')
})

t.test('the deadline asks for no more time where time is not what lacked', async (t) => {
  const lost: Fact = {
    ...{ kind: 'looked', group: 'a', view: { kind: 'listing' }, answer: unreachable },
    ...at(50 * s),
  }
  const limits = { graceMs: 60 * s, reserveMs: 5 * s }
  const unhealthy = { state: 'unhealthy', reason: 'Target.Timeout' }
  for (const facts of [
    [looked(0, draining), looked(50 * s, draining)],
    [looked(0, healthy), looked(5 * s, unhealthy), lost],
  ]) {
    const verdict = verdictOf([described(30 * s), ...facts], 55 * s, limits)
    t.strictSame(verdict, { kind: 'release', outcome: { kind: 'deadline' } })
  }
})
