import t from 'tap'
import type { Clear } from '../../src/drain/clear.ts'
import { endOf } from '../../src/drain/end.ts'
import type { Limits } from '../../src/drain/limits.ts'
import { nextLook } from '../../src/drain/pace.ts'
import type { Failure } from '../../src/drain/ports.ts'
import { beginGroup, type GroupProgress, type TargetProgress } from '../../src/drain/progress.ts'
import { roomy } from '../support/drain-under-test.ts'
import { failed } from '../support/scripted-balancer.ts'

const s = 1_000
const ref = { group: 'a', id: '10.0.1.7', port: 8080 }

function target(
  kind: 'registered' | 'draining' | 'gone',
  more: Partial<TargetProgress> = {},
): TargetProgress {
  const state = kind === 'registered' ? 'healthy' : kind === 'gone' ? 'unused' : 'draining'
  return { target: ref, sighting: { target: ref, state }, phase: { kind }, ...more }
}

/** A group of which the last look was answered at ten seconds. The drain began at one. */
function group(targets: TargetProgress[], more: Partial<GroupProgress> = {}): GroupProgress {
  const attempt = { askedAtMs: 9.9 * s, answeredAtMs: 10 * s }
  const truth = { askedAtMs: 9.9 * s, about: 'group' } as const
  return { ...beginGroup('a', {}, 0), targets, attempt, truth, ...more }
}

const delay = (seconds: number) => ({ facts: { deregistrationDelayMs: seconds * s } })
const began = { startedAtMs: 1 * s, deadlineMs: 1_000 * s }

/** [seconds after the last answer, pace, view]; nothing is left to chance. */
function next(of: GroupProgress, clear?: Clear, limits: Partial<Limits> = {}, when = began) {
  const { atMs, pace, view } = nextLook(of, clear, when, { ...roomy, ...limits })
  return [Number((atMs / s - 10).toFixed(3)), pace, view.kind]
}

const cleared = (seconds: number, more: Partial<Clear> = {}): Clear => {
  return { atMs: (10 + seconds) * s, by: 'deregistered', confirmed: 'by-look', ...more }
}

t.test('the first look: at once', async (t) => {
  t.match(nextLook(beginGroup('a', {}, 0), undefined, began, roomy), { atMs: 1 * s, pace: 'first' })
})

t.test('while it serves: briskly, then slower, and slower in a crowd', async (t) => {
  const serves = (more: Partial<GroupProgress> = {}) => group([target('registered')], more)
  t.strictSame(next(serves()), [2, 'brisk', 'listing'])
  t.strictSame(next(serves(), undefined, { spread: 0 }), [1.5, 'brisk', 'listing'])
  const since = (seconds: number) => ({ ...began, startedAtMs: (10 - seconds) * s })
  t.strictSame(next(serves(), undefined, {}, since(60)), [4, 'brisk', 'listing'])
  t.strictSame(next(serves(), undefined, {}, since(600)), [10, 'brisk', 'listing'])
  t.strictSame(next(serves({ othersDraining: 990, othersAwake: 100 })), [20, 'brisk', 'listing'])
  t.strictSame(next(serves({ size: 200 })), [10, 'brisk', 'listing'])
  t.strictSame(next(serves({ size: 2_000 })), [15, 'brisk', 'listing'])
  const both = [target('draining', { drainingAtMs: 9 * s }), target('registered')]
  t.strictSame(next(group(both)), [2, 'brisk', 'listing'], 'as long as one of them does')
})

t.test('each look of a pod comes at another moment', async (t) => {
  const after = (seen: number) => {
    const answers = { ...beginGroup('a', {}, 0).answers, seen }
    return next(group([target('registered')], { answers }), undefined, { spread: 0 })[0]
  }
  t.strictSame([0, 1, 2].map(after), [1.5, 2.118, 1.736])
})

t.test('when a draining target can be gone', async (t) => {
  const known = group([], delay(30))
  const end = (of: TargetProgress, by = known) => endOf(of, by)
  const seen = { registeredAtMs: 5 * s, drainingAtMs: 8 * s }
  t.strictSame(end(target('draining', seen)), { earliestMs: 35 * s, latestMs: 38 * s })
  const late = { drainingAtMs: 8 * s }
  t.strictSame(end(target('draining', late)), { earliestMs: 8 * s, latestMs: 38 * s })
  t.equal(end(target('draining', seen), group([])), undefined, 'not without the delay')
  t.equal(end(target('gone')), undefined, 'nor when it was not seen to drain')
})

t.test(
  'while it drains: asleep until the end can be near, and then about every second',
  async (t) => {
    const drains = (
      registered: number,
      draining: number,
      more: Partial<GroupProgress> = delay(30),
    ) =>
      group(
        [target('draining', { registeredAtMs: registered * s, drainingAtMs: draining * s })],
        more,
      )
    t.strictSame(next(drains(5, 7)), [25, 'asleep', 'named'])
    t.strictSame(next(drains(-20.5, -19.5)), [0.9, 'closing', 'named'])
    t.strictSame(next(drains(-19.2, -18.2)), [0.9, 'closing', 'named'], 'no nap shorter than that')
    t.strictSame(next(drains(-30, 2)), [2.2, 'steady', 'named'], 'not a second, far from the end')
    t.strictSame(next(drains(-300, -10, delay(300))), [10, 'steady', 'named'])
    t.strictSame(next(drains(5, 7, {})), [10, 'steady', 'named'], 'the delay is not known')
    t.strictSame(next(drains(5, 7, {}), undefined, { spread: 0 }), [7.5, 'steady', 'named'])
    t.strictSame(next(drains(-32, -31)), [10, 'steady', 'listing'], 'it should have been gone')
  },
)

t.test('of two targets the later end is waited for', async (t) => {
  const [early, late] = [
    target('draining', { registeredAtMs: -20 * s, drainingAtMs: -19 * s }),
    target('draining', { registeredAtMs: 5 * s, drainingAtMs: 7 * s }),
  ]
  const gone = target('gone', { drainingAtMs: 9 * s })
  t.strictSame(next(group([late, gone], delay(30))), [25, 'asleep', 'named'])
  for (const targets of [
    [early, late],
    [late, early],
  ])
    t.strictSame(
      next(group(targets, delay(30))),
      [25, 'asleep', 'listing'],
      'one is overdue by then',
    )
})

t.test('those who were deregistered together look one after the other', async (t) => {
  const drains = (othersDraining: number, registered = 4) =>
    group([target('draining', { registeredAtMs: registered * s, drainingAtMs: 8 * s })], {
      ...{ othersDraining, facts: { deregistrationDelayMs: 30 * s } },
    })
  t.strictSame(next(drains(3)), [24, 'asleep', 'named'], 'a few may look at once')
  t.strictSame(next(drains(9), undefined, { spread: 0.25 }), [24.5, 'asleep', 'named'])
  t.strictSame(next(drains(9), undefined, { spread: 0.75 }), [25.5, 'asleep', 'named'])
  t.strictSame(next(drains(39)), [26, 'asleep', 'named'], 'by the latest end')
  t.strictSame(next(drains(9, -24)), [2.8, 'steady', 'named'])
  t.strictSame(
    next(drains(49, -26)),
    [10, 'steady', 'named'],
    'no faster than the neighbours allow',
  )
  // In a crowd nobody looks for what may have begun before the hook.
  t.strictSame(next(drains(50, -26)), [24.5, 'asleep', 'named'])
})

t.test('clear from a moment on: looks then', async (t) => {
  const gone = group([target('gone', { drainingAtMs: 5 * s })])
  t.strictSame(next(gone, cleared(7)), [7, 'settling', 'named'])
  t.strictSame(next(gone, cleared(-7)), [0, 'settling', 'named'])
  t.strictSame(next(group([]), cleared(5)), [5, 'confirming', 'listing'])
  const drains = group(
    [target('draining', { registeredAtMs: 4 * s, drainingAtMs: 5 * s })],
    delay(30),
  )
  t.strictSame(next(drains, cleared(60, { by: 'idle' })), [24, 'asleep', 'named'], 'or sooner')
  t.strictSame(next(drains, cleared(15, { by: 'idle' })), [15, 'settling', 'named'])
  t.strictSame(next(drains, cleared(60, { by: 'settled' })), [60, 'settling', 'listing'])
  const other = { registeredAtMs: -20 * s, drainingAtMs: -19 * s }
  const both = group([target('draining', other), target('gone')], delay(30))
  t.strictSame(next(both, cleared(60)), [0.9, 'closing', 'named'], 'one of them drains')
  t.strictSame(next(gone, cleared(60)), [60, 'settling', 'named'], 'none does')
})

t.test('after failures: pauses that grow', async (t) => {
  const fails = (inARow: number, kind: Failure['kind'] = 'unreachable') =>
    group([target('draining', { drainingAtMs: 5 * s })], {
      failure: failed(kind, inARow),
    })
  const pauses = [1, 2, 3, 4, 5, 20].map((inARow) => next(fails(inARow))[0])
  t.strictSame(pauses, [1, 2, 4, 8, 10, 10])
  t.strictSame(next(fails(1), undefined, { spread: 0 }), [0.75, 'failing', 'named'])
  t.strictSame(next(fails(1, 'malformed')), [1, 'failing', 'listing'], 'the name may be wrong')
  const near = { ...began, deadlineMs: 70 * s }
  t.strictSame(next(fails(1, 'throttled')), [100, 'failing', 'named'])
  t.strictSame(next(fails(1, 'throttled'), undefined, {}, near), [20, 'failing', 'named'])
})

t.test('after failures: one look when the end is due, not repeated', async (t) => {
  const drains = [target('draining', { drainingAtMs: 5 * s })]
  const throttled = (more: Partial<GroupProgress> = {}) =>
    group(drains, { failure: failed('throttled'), ...more })
  t.strictSame(next(throttled(), cleared(30)), [30, 'failing', 'named'])
  t.strictSame(next(throttled(), cleared(-0.05)), [0.9, 'failing', 'named'], 'not at once')
  t.strictSame(next(throttled(), cleared(-0.1)), [100, 'failing', 'named'], 'it has been made')
  t.strictSame(next(throttled(), cleared(30, { confirmed: 'by-time' })), [100, 'failing', 'named'])
})

t.test('what is looked at', async (t) => {
  const view = (of: GroupProgress) => nextLook(of, undefined, began, roomy).view
  t.strictSame(view(group([target('draining')])), { kind: 'named', targets: [ref] })
  const sighting = { target: ref, state: 'unhealthy' }
  t.equal(view(group([target('gone', { sighting })])).kind, 'listing', 'does it fail open?')
  const deleted = { askedAtMs: 9 * s, about: 'no-group' } as const
  t.equal(view(group([target('gone')], { truth: deleted })).kind, 'listing', 'is it back?')
})
