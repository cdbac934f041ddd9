import t from 'tap'
import { neededGraceMs } from '../../src/drain/grace.ts'
import { controllerLagMs } from '../../src/drain/limits.ts'

const s = 1_000

t.test('the grace period that a group needs', async (t) => {
  const reserveMs = 5 * s
  const long = { delayMs: 300 * s, settleMs: 20 * s, reserveMs }
  t.equal(neededGraceMs(long), controllerLagMs + 305 * s)
  t.equal(neededGraceMs({ ...long, delayMs: 10 * s }), controllerLagMs + 25 * s)
  t.equal(neededGraceMs({ ...long, delayMs: 0, targetType: 'ip' }), controllerLagMs + 25 * s)
  t.equal(neededGraceMs({ ...long, targetType: 'instance' }), 25 * s, 'nobody deregisters a node')
})
