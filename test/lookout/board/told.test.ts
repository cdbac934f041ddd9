import t from 'tap'
import { beginGroup, type Progress } from '../../../src/drain/knowledge/progress.ts'
import { readTold } from '../../../src/lookout/board/read-told.ts'
import { standOf } from '../../../src/lookout/board/stand.ts'
import { toldOf } from '../../../src/lookout/board/told.ts'
import {
  drainingSince,
  goneSince,
  groupWith,
  knowing,
  podSaid,
  registered,
  s,
  state,
  within,
} from '../../support/known.ts'
import { failure } from '../../support/scripted-balancer.ts'

const ip = { facts: { targetType: 'ip', deregistrationDelayMs: 60 * s } } as const
const application = { facts: { ...ip.facts, loadBalancer: 'application' } } as const
const limits = within({ graceMs: 90 * s, reserveMs: 5 * s })

t.test(
  'a drain under way: where it stands, since when, and when it is expected to end',
  async (t) => {
    const progress = knowing([groupWith([drainingSince(4 * s)], application)], podSaid('deleting'))
    t.match(toldOf(state(progress), limits, 10 * s), {
      ...{ state: 'draining', releaseWhen: 'deregistered', phase: 'draining', phaseForMs: 6 * s },
      ...{ heldMs: 10 * s, expectedInMs: 54 * s, deadlineInMs: 75 * s, hooks: 1 },
      targets: [{ group: 'a', port: 8080, state: 'draining' }],
    })
  },
)

t.test('one that is over: its outcome, its sentence, and no end to expect', async (t) => {
  const progress = knowing([groupWith([drainingSince(4 * s)], application)])
  const told = toldOf(state(progress, { kind: 'deadline' }), limits, 26 * s)
  t.match(told, { state: 'released', outcome: 'deadline', severity: 'warning', heldMs: 25 * s })
  t.match(told.because, /the time was up/)
  t.notOk('expectedInMs' in told)
})

t.test('the phase is that of the target that is furthest behind', async (t) => {
  const phaseOf = (...groups: Progress['groups']) => standOf(knowing(groups)).phase
  const unseen = beginGroup('b', 'bound', {}, 0)
  t.equal(phaseOf(), 'unknown')
  t.equal(phaseOf(unseen), 'unknown')
  t.equal(phaseOf(unseen, groupWith([registered()])), 'registered')
  t.equal(phaseOf(unseen, groupWith([drainingSince(s)])), 'unknown')
  t.equal(phaseOf(groupWith([drainingSince(s), goneSince(s)])), 'draining')
  t.equal(phaseOf(groupWith([goneSince(s)]), groupWith([], { absentAtMs: s })), 'gone')
  t.strictSame(standOf(knowing([groupWith([drainingSince(3 * s), drainingSince(7 * s)])])), {
    ...{ phase: 'draining', sinceMs: 7 * s },
  })
  const nodes = groupWith([], { facts: { targetType: 'instance' } })
  t.equal(phaseOf(nodes), 'draining')
})

t.test('the end that is expected, by mode', async (t) => {
  const groups = [groupWith([drainingSince(4 * s)], application)]
  const expected = (progress: Progress, more = {}) =>
    toldOf(state(progress), { ...limits, ...more }, 10 * s).expectedInMs
  t.equal(expected(knowing(groups)), 54 * s, 'of a pod that nobody is known to delete as well')
  t.equal(expected(knowing(groups), { releaseWhen: 'settled' }), 14 * s, '20 s after it left')
  t.equal(expected(knowing([...groups, groupWith([registered()])])), undefined)
  t.equal(expected(knowing([groupWith([drainingSince(4 * s)])])), undefined, 'no delay is known')
  t.equal(expected(knowing([])), undefined)
  t.equal(expected(knowing(groups, podSaid('staying')), { restartMs: 15 * s }), 5 * s)
  const late = knowing([groupWith([goneSince(1 * s)], application)])
  t.equal(expected(late, { settleMs: 0 }), 0, 'what is overdue is due now')
})

t.test('what keeps the truth away', async (t) => {
  const failures = { last: failure('denied'), inARow: 1, outageAtMs: 0 }
  const progress = knowing([groupWith([], { failure: failures })])
  t.equal(toldOf(state(progress), limits, s).trouble, failures.last.said)
  t.notOk('trouble' in toldOf(state(knowing([groupWith([registered()])])), limits, s))
})

t.test('what is told is read as it was told', async (t) => {
  const progress = knowing([groupWith([drainingSince(4 * s)], application)], podSaid('deleting'))
  for (const one of [state(progress), state(progress, { kind: 'settled' })]) {
    const told = toldOf(one, limits, 26 * s)
    t.strictSame(readTold(JSON.parse(JSON.stringify(told))), told)
  }
})
