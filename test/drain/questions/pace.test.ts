import t from 'tap'
import type { Clear } from '../../../src/drain/judgement/clear.ts'
import { endOf } from '../../../src/drain/judgement/end.ts'
import type { Limits } from '../../../src/drain/judgement/limits.ts'
import type {
  GroupProgress,
  Progress,
  TargetProgress,
} from '../../../src/drain/knowledge/progress.ts'
import type { Failure } from '../../../src/drain/ports.ts'
import { nextLook } from '../../../src/drain/questions/pace.ts'
import {
  drainingSince,
  first,
  goneSince,
  groupWith,
  knowing,
  podSaid,
  registered,
  s,
  within,
} from '../../support/known.ts'
import { failed } from '../../support/scripted-balancer.ts'

/** A group of which the last look was answered at ten seconds, of an ALB. */
function looked(
  targets: readonly TargetProgress[],
  more: Partial<GroupProgress> = {},
  seen = 1,
): GroupProgress {
  const at = { askedAtMs: 9.9 * s, answeredAtMs: 10 * s }
  const facts = { loadBalancer: 'application' } as const
  const group = groupWith(targets, { attempt: at, facts })
  return { ...group, answers: { ...group.answers, seen }, ...more }
}

const delayed = (seconds: number) => ({
  facts: { loadBalancer: 'application', deregistrationDelayMs: seconds * s } as const,
})

interface Else {
  readonly clear?: Clear
  readonly limits?: Partial<Limits>
  readonly known?: Progress
}

/** [at which second, pace]; the jitter of the first look is none. */
function next(group: GroupProgress, { clear, limits = {}, known = knowing([]) }: Else = {}) {
  // With one look answered, this makes the chance of the next a half.
  const spread = (1.5 - 0.618_034) % 1
  const { atMs, pace } = nextLook(group, clear, known, first, within({ spread, ...limits }))
  return [Number((atMs / s).toFixed(3)), pace]
}

/** Clear from a second on, by a look; or by time alone. */
const clearAt = (seconds: number, more: Partial<Clear> = {}): Clear => {
  return { atMs: seconds * s, by: 'deregistered', provenFromMs: seconds * s, ...more }
}
const byTime = { provenFromMs: -Infinity }

t.test('while it serves: briskly, then slower, and slower among many that drain', async (t) => {
  const serves = (seen: number, more = {}) => looked([registered()], more, seen)
  const calm = (seen: number) => ({ limits: { spread: (10.5 - seen * 0.618_034) % 1 } })
  const after = [1, 2, 3, 4, 5, 50].map((seen) => next(serves(seen), calm(seen))[0])
  t.strictSame(after, [12, 13.2, 15.12, 18.192, 20, 20])
  t.strictSame(next(serves(1)), [12, 'brisk'])
  t.strictSame(next(serves(1, { othersDraining: 99 })), [30, 'brisk'], 'a share of the budget')
  const both = looked([registered(), drainingSince(9 * s)])
  t.strictSame(next(both), [12, 'brisk'], 'as long as one of them does')
})

t.test('each look of a pod comes at another moment, within a quarter', async (t) => {
  const after = (seen: number, spread: number) =>
    next(looked([registered()], { othersDraining: 49 }, seen), { limits: { spread } })[0]
  t.strictSame(
    [1, 2, 3].map((seen) => after(seen, 0)),
    [20.59, 18.68, 21.771],
  )
  t.strictSame(
    [0.381_966, 0.381_965].map((spread) => after(1, spread)),
    [17.5, 22.5],
  )
})

t.test('once more in time to settle, and then not at all', async (t) => {
  const grace = (seconds: number) => ({ limits: { graceMs: seconds * s } })
  const serves = looked([registered()])
  t.strictSame(next(serves, grace(37.5)), [11.5, 'brisk'], '37.5 - 5 - 20 - 1')
  t.strictSame(next(serves, grace(36.5)), [10.9, 'brisk'], 'never in haste')
  t.strictSame(next(serves, grace(36)), [Infinity, 'brisk'])
})

t.test('between which two moments a delay ends', async (t) => {
  const group = looked([], delayed(30))
  const end = (target: TargetProgress, known = knowing([]), of = group) => {
    const { earliestMs = 0, latestMs = 0 } = endOf(target, of, known) ?? {}
    return [earliestMs / s, latestMs / s]
  }
  t.strictSame(end(drainingSince(8 * s, { registeredAtMs: 5 * s })), [35, 38])
  t.strictSame(end(drainingSince(8 * s)), [30, 38], 'not before its pod was deleted')
  const told = podSaid('deleting', { deletedAtMs: -3 * s })
  t.strictSame(end(drainingSince(8 * s), knowing([], told)), [27, 38], 'which was 3 s before')
  const unready = podSaid('deleting', { ready: false })
  t.strictSame(end(drainingSince(8 * s), knowing([], unready)), [8, 38], 'or was not ready')
  const once = looked([], { ...delayed(30), claim: 'once-bound' })
  t.strictSame(end(drainingSince(8 * s), knowing([]), once), [8, 38], 'or had left its Service')
  t.equal(endOf(drainingSince(8 * s), looked([]), knowing([])), undefined, 'not without the delay')
  t.equal(endOf(goneSince(8 * s), group, knowing([])), undefined, 'nor where it was not seen')
})

t.test('while it drains: asleep, then about each second; a tenth of what is unsure', async (t) => {
  const drains = (lastMs: number, atMs: number, more: Partial<GroupProgress> = delayed(30)) =>
    looked([drainingSince(atMs * s, { registeredAtMs: lastMs * s })], more)
  t.strictSame(next(drains(5, 7)), [35, 'asleep'])
  t.strictSame(next(drains(-20.5, -19.5)), [10.9, 'closing'])
  t.strictSame(next(drains(-19.2, -18.2)), [10.9, 'closing'], 'no nap shorter than that')
  t.strictSame(next(drains(-60, -10, delayed(60))), [14.5, 'closing'], '0.09 of 50 s')
  t.strictSame(next(drains(-60, -50)), [12.7, 'closing'], 'it is overdue: 0.09 of the 30 s since')
  t.strictSame(next(drains(5, 7, delayed(10))), [27, 'asleep'], 'not before it has settled')
  const unknown = looked([]).facts
  t.strictSame(next(drains(5, 7, { facts: unknown })), [27, 'asleep'], 'the delay is not known')
  t.strictSame(next(drains(-60, -50, { facts: unknown })), [15.4, 'steady'], '0.09 of 60 s')
})

t.test('of two targets the one that ends last is waited for', async (t) => {
  const early = drainingSince(-19 * s, { registeredAtMs: -20 * s })
  const late = drainingSince(7 * s, { registeredAtMs: 5 * s })
  t.strictSame(next(looked([early, late], delayed(30))), [35, 'asleep'])
  t.strictSame(next(looked([late, early], delayed(30))), [35, 'asleep'])
  t.strictSame(next(looked([late, goneSince(9 * s)], delayed(30))), [35, 'asleep'])
})

t.test('those who were deregistered together look one after the other', async (t) => {
  const drains = (othersDraining: number, lastMs = 4) =>
    looked([drainingSince(8 * s, { registeredAtMs: lastMs * s })], {
      othersDraining,
      ...delayed(30),
    })
  const spread = (unit: number) => ({ limits: { spread: (1 + unit - 0.618_034) % 1 } })
  t.strictSame(next(drains(3), spread(0.75)), [34, 'asleep'], 'a few may look at once')
  t.strictSame(next(drains(9), spread(0.25)), [34.5, 'asleep'], '10 look 5 times a second')
  t.strictSame(next(drains(9), spread(0.75)), [35.5, 'asleep'])
  const over = looked([drainingSince(-22 * s, { registeredAtMs: -24 * s })], {
    ...{ othersDraining: 49, ...delayed(30) },
  })
  t.strictSame(next(over, spread(0)), [20, 'closing'], 'no faster than the neighbours allow')
})

t.test('clear from a moment on: looks then, but for what time alone proves', async (t) => {
  const gone = looked([goneSince(5 * s)])
  t.strictSame(next(gone, { clear: clearAt(17) }), [17, 'settling'])
  t.strictSame(next(gone, { clear: clearAt(3) }), [10, 'settling'], 'at once')
  t.strictSame(next(looked([]), { clear: clearAt(15) }), [15, 'confirming'])
  t.strictSame(next(gone, { clear: clearAt(17, byTime) }), [Infinity, 'settling'])
  const drains = looked([drainingSince(5 * s, { registeredAtMs: 4 * s })], delayed(30))
  const idle = (seconds: number, more = {}) => ({
    clear: clearAt(seconds, { by: 'idle', ...more }),
  })
  t.strictSame(next(drains, idle(60)), [34, 'asleep'], 'the delay may be over before')
  t.strictSame(next(drains, idle(25)), [25, 'settling'])
  t.strictSame(next(drains, idle(25, byTime)), [34, 'asleep'])
  t.strictSame(next(drains, { clear: clearAt(60, { by: 'settled' }) }), [60, 'settling'])
  const timed = clearAt(38, byTime)
  t.strictSame(next(drains, { clear: timed }), [34, 'asleep'], 'a look may show it sooner')
})

t.test('after failures: pauses that grow, and one look when the end is due', async (t) => {
  const drains = [drainingSince(5 * s)]
  const fails = (inARow: number, kind: Failure['kind'] = 'unreachable', more = {}) =>
    looked(drains, { failure: failed(kind, inARow), ...more })
  const pauses = [1, 2, 3, 4, 5, 20].map((inARow) => next(fails(inARow))[0])
  t.strictSame(pauses, [11, 12, 14, 18, 20, 20])
  t.strictSame(next(fails(1), { limits: { spread: 0.381_966 } }), [10.75, 'failing'])
  t.strictSame(next(fails(9), { clear: clearAt(13) }), [13, 'failing'])
  t.strictSame(next(fails(9), { clear: clearAt(9.95) }), [10.9, 'failing'], 'not at once')
  t.strictSame(next(fails(9), { clear: clearAt(9.9) }), [20, 'failing'], 'it has been made')
  t.strictSame(next(fails(9), { clear: clearAt(13, byTime) }), [20, 'failing'], 'none is needed')
})

t.test('throttled: the controller goes first, and who cannot settle does not ask', async (t) => {
  const throttled = (targets: readonly TargetProgress[], graceMs: number, unit = 0.5) => {
    const spread = (1 + unit - 0.618_034) % 1
    const group = looked(targets, { failure: failed('throttled') })
    return next(group, { limits: { graceMs: graceMs * s, spread } })
  }
  t.strictSame(throttled([registered()], 1_000), [30, 'failing'], '20 s after the last')
  t.strictSame(throttled([registered()], 1_000, 0), [20, 'failing'], '20 s after the start')
  t.strictSame(throttled([registered()], 56), [30, 'failing'])
  t.strictSame(throttled([registered()], 55.9), [27.9, 'failing'], 'just in time to settle')
  t.strictSame(throttled([registered()], 48.1), [20.1, 'failing'])
  t.strictSame(
    throttled([registered()], 48),
    [Infinity, 'failing'],
    'the controller may not be done',
  )
  t.strictSame(throttled([drainingSince(9 * s)], 48), [30, 'failing'], 'in time already')
})
