import t from 'tap'
import { inOrder } from '../../../src/lookout/board/order.ts'
import { viewWith } from '../../support/board/drains.ts'

const s = 1_000

t.test(
  'those that may end badly come first, what ended last, the latest of it first',
  async (t) => {
    const views = [
      viewWith({ state: 'released', heldMs: 9 * s, outcome: 'idle' }, 'ended'),
      viewWith({ heldMs: 5 * s }, 'younger'),
      viewWith({ heldMs: 9 * s }, 'older'),
      viewWith({ expectedInMs: 400 * s }, 'short'),
      viewWith({ heldMs: s, trouble: 'throttled' }, 'blind'),
    ]
    const order = views
      .map((view) => ({ view, startedAtMs: -view.startedAgoMs }))
      .sort(inOrder)
      .map(({ view }) => view.pod)
    t.strictSame(order, ['blind', 'short', 'older', 'younger', 'ended'])
  },
)
