import fc from 'fast-check'
import t from 'tap'
import type { Ask } from '../../src/drain/asks.ts'
import { type Outcome, step, type Verdict } from '../../src/drain/policy.ts'
import { anyWorld } from './arbitrary-world.ts'
import { foldDrain } from './fold.ts'
import { wrongs } from './properties.ts'

type Step = typeof step
type Change = (verdict: Verdict, now: number) => Verdict

/** The policy, with its verdicts changed. */
const but =
  (change: Change): Step =>
  (progress, facts, now, limits) => {
    const [next, verdict] = step(progress, facts, now, limits)
    return [next, change(verdict, now)]
  }

const release = (outcome: Outcome): Verdict => ({ kind: 'release', outcome })
const calledOnce = (outcome: Outcome) =>
  but((verdict) => (verdict.kind === 'release' ? release(outcome) : verdict))
const aSecondIn = (outcome: Outcome) =>
  but((verdict, now) => (verdict.kind === 'hold' && now > 1_000 ? release(outcome) : verdict))
const said = { kind: 'denied', said: 'so they say' } as const

/** Policies that break the promise, and what has to be said of them. */
const broken: [what: string, policy: Step, wrong: RegExp][] = [
  ['lets go of what is served', aSecondIn({ kind: 'deregistered' }), /was served when last seen/],
  ['does not settle', aSecondIn({ kind: 'settled' }), /left service at/],
  ['lets go of what sends requests', aSecondIn({ kind: 'deregistered' }), /sends requests until/],
  ['believes one absence', aSecondIn({ kind: 'unregistered' }), /one absence proves nothing/],
  ['lets go of what drains', aSecondIn({ kind: 'idle' }), /was draining/],
  [
    'settles too briefly',
    (progress, facts, now, limits) =>
      step(progress, facts, now, { ...limits, settleMs: (limits.settleMs ?? 20_000) - 1_000 }),
    /left service at/,
  ],
  ['falls back early', aSecondIn({ kind: 'fallback', because: said }), /fallback before/],
  ['falls back knowingly', calledOnce({ kind: 'fallback', because: said }), /something was learnt/],
  [
    'forgets what the search lacked',
    ({ search, ...rest }, facts, now, limits) => {
      if (!search) return step(rest, facts, now, limits)
      const { failure: _forgotten, ...whole } = search
      return step({ ...rest, search: whole }, facts, now, limits)
    },
    /nothing was learnt/,
  ],
  ['sees restarts everywhere', calledOnce({ kind: 'not-terminating' }), /was deregistered/],
  ['asks nobody about a restart', aSecondIn({ kind: 'not-terminating' }), /before the bound/],
  [
    'goes by the first hook only',
    (progress, facts, now, limits) =>
      step(
        progress,
        facts.filter(({ kind }) => kind !== 'joined'),
        now,
        limits,
      ),
    /asked before the latest hook/,
  ],
  ['calls any end a deadline', calledOnce({ kind: 'deadline' }), /deadline before/],
  [
    'is late for the deadline',
    (progress, facts, now, limits) =>
      step(progress, facts, now, { ...limits, reserveMs: limits.reserveMs - 100 }),
    /sleeps past the deadline/,
  ],
  [
    'sleeps too long',
    but((verdict) =>
      verdict.kind === 'hold' ? { ...verdict, untilMs: verdict.untilMs + 1 } : verdict,
    ),
    /sleeps past the deadline/,
  ],
  [
    'waits for a better day',
    (progress, facts, now, limits) =>
      step(progress, facts, now, { ...limits, settleMs: (limits.settleMs ?? 120_000) + 15_000 }),
    /due by/,
  ],
  [
    'looks hastily',
    but((verdict) => {
      if (verdict.kind === 'release') return verdict
      const hasty = (ask: Ask) => ('pace' in ask && ask.pace === 'brisk' ? 1_400 : 0)
      return {
        ...verdict,
        asks: verdict.asks.map((ask) => ({ ...ask, atMs: ask.atMs - hasty(ask) })),
      }
    }),
    /looks .* apart/,
  ],
]

for (const [what, policy, wrong] of broken) {
  t.test(`caught: a policy that ${what}`, async (t) => {
    const caught = fc.check(
      fc.property(anyWorld, (world) => {
        try {
          return !wrong.test(wrongs(world, foldDrain(world, policy)).join('\n'))
        } catch {
          // It never comes to rest: another way of being caught, but not the one that is meant.
          return true
        }
      }),
      { numRuns: 3_000, seed: 2_366, endOnFailure: true },
    )
    t.ok(caught.failed)
  })
}
