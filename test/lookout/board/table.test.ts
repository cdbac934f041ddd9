import t from 'tap'
import { drainsTable } from '../../../src/lookout/board/table.ts'
import { viewWith } from '../../support/board/drains.ts'

const s = 1_000

t.test('the table for a terminal', async (t) => {
  const drains = [
    viewWith({ state: 'released', phase: 'gone', outcome: 'deregistered', heldMs: 70 * s }, 'b'),
    viewWith({ phase: 'draining', heldMs: 10 * s, expectedInMs: 290 * s }, 'a'),
    viewWith({ deadlineInMs: 0, trouble: 'throttled' }, 'c'),
  ]
  const lines = [
    'POD      PHASE            HELD         EXPECTED        DEADLINE        OUTCOME        WHY',
    'shop/c   in service       0 s          -               now             -              throttled',
    'shop/a   draining         10 s         in 4 min 50 s   in 5 min 25 s   -',
    'shop/b   out of service   1 min 10 s   -               -               deregistered',
  ]
  const nothing = { at: '', groups: [], budgets: [] }
  t.equal(drainsTable({ ...nothing, drains }), `${lines.join('\n')}\n`)
  t.equal(
    drainsTable({ ...nothing, drains: [] }),
    'no pod drains, and none has in the last 15 minutes\n',
  )
})
