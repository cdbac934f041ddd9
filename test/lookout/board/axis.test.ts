import t from 'tap'
import { axisOf, percentOf, spanOf } from '../../../src/lookout/board/axis.ts'
import { viewWith } from '../../support/board/drains.ts'

const [s, min] = [1_000, 60_000]

t.test('the axis has room for ends and expected ends, and not for every deadline', async (t) => {
  t.strictSame(axisOf([]), { endMs: 30 * s, tickMs: 5 * s })
  t.strictSame(axisOf([61 * s, 301 * s]), { endMs: 6 * min, tickMs: min })
  t.strictSame(axisOf([150 * min]), { endMs: 180 * min, tickMs: 30 * min })
  for (let minutes = 1; minutes < 600; minutes++) {
    const { endMs, tickMs } = axisOf([minutes * min])
    t.ok(endMs >= minutes * min && endMs % tickMs === 0 && endMs / tickMs <= 6)
  }
  const view = viewWith({ deadlineInMs: 3_600 * s })
  t.equal(spanOf(view, 10 * s), 40 * s)
  t.equal(spanOf({ ...view, expectedMs: 300 * s }, 10 * s), 300 * s)
  t.equal(spanOf({ ...view, expectedMs: 300 * s }, 310 * s), 310 * s)
  t.equal(spanOf({ ...view, endedMs: 70 * s }, 310 * s), 70 * s)
})

t.test('what lies outside the axis is at its edge', async (t) => {
  const axis = axisOf([60 * s])
  t.strictSame(
    [-s, 0, 15 * s, 60 * s, 400 * s].map((ms) => percentOf(ms, axis)),
    [0, 0, 25, 100, 100],
  )
})
