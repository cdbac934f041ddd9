import t from 'tap'
import { complaintOf, durationOf, groupName, standWords } from '../../../src/lookout/board/words.ts'
import { viewWith } from '../../support/board/drains.ts'

const [s, min] = [1_000, 60_000]

t.test('durations', async (t) => {
  const words = [-5, 0, 499, 59_499, 59_500, 252 * s, 60 * min, 64 * min].map(durationOf)
  t.strictSame(words, ['0 s', '0 s', '0 s', '59 s', '1 min', '4 min 12 s', '1 h', '1 h 4 min'])
})

t.test('a group is known by its name', async (t) => {
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'
  t.equal(groupName(arn), 'web')
  t.equal(groupName('what is no ARN'), 'what is no ARN')
})

t.test('what has to be said of a drain', async (t) => {
  t.equal(complaintOf(viewWith({})), undefined)
  t.equal(complaintOf(viewWith({ trouble: 'denied' })), 'denied')
  const short = viewWith({ deadlineInMs: 25 * s, expectedInMs: 300 * s })
  t.equal(complaintOf(short), 'its time is up 4 min 35 s before the end that is expected')
  const end = { state: 'released', outcome: 'fallback', because: 'nothing was learnt' } as const
  t.equal(complaintOf(viewWith({ ...end, severity: 'warning' })), 'nothing was learnt')
  t.equal(complaintOf(viewWith({ ...end, severity: 'normal' })), undefined)
  t.match(complaintOf({ ...viewWith({}), state: 'lost' }), /nothing was heard/)
  t.equal(standWords({ ...viewWith({}), state: 'lost' }), 'lost')
})
