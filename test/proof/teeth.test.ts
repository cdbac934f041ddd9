import fc from 'fast-check'
import t from 'tap'
import type { Limits } from '../../src/drain/judgement/limits.ts'
import type { Outcome } from '../../src/drain/judgement/outcome.ts'
import type { Progress } from '../../src/drain/knowledge/progress.ts'
import { judge, learnAll, type Verdict } from '../../src/drain/policy.ts'
import type { Ask } from '../../src/drain/questions/ask.ts'
import { anyWorld } from './arbitrary-world.ts'
import { foldDrain, type Policy } from './fold.ts'
import { wrongs } from './properties.ts'

type Change = (verdict: Verdict, now: number) => Verdict

/** The policy, with its verdicts changed. */
const but = (change: Change): Policy => ({
  learnAll,
  judge: (progress, hook, now, limits, last) =>
    change(judge(progress, hook, now, limits, last), now),
})
/** The policy, with other limits. */
const within = (change: (limits: Limits) => Limits): Policy => ({
  learnAll,
  judge: (progress, hook, now, limits, last) => judge(progress, hook, now, change(limits), last),
})
/** The policy, with other knowledge. */
const knowing = (change: (progress: Progress) => Progress): Policy => ({
  learnAll,
  judge: (progress, hook, now, limits, last) => judge(change(progress), hook, now, limits, last),
})

const release = (outcome: Outcome): Verdict => ({ kind: 'release', outcome })
const calledOnce = (outcome: Outcome) =>
  but((verdict) => (verdict.kind === 'release' ? release(outcome) : verdict))
const aSecondIn = (outcome: Outcome) =>
  but((verdict, now) => (verdict.kind === 'hold' && now > 1_000 ? release(outcome) : verdict))
const said = { kind: 'denied', said: 'so they say' } as const

/** Policies that break the promise, and what has to be said of them. */
const broken: [what: string, policy: Policy, wrong: RegExp][] = [
  ['lets go of what is served', calledOnce({ kind: 'deregistered' }), /was served when last seen/],
  ['does not settle', aSecondIn({ kind: 'settled' }), /left service at/],
  ['lets go of what sends requests', aSecondIn({ kind: 'deregistered' }), /sends requests until/],
  ['believes one absence', aSecondIn({ kind: 'unregistered' }), /one absence proves nothing/],
  ['lets go of what drains', calledOnce({ kind: 'idle' }), /was draining/],
  [
    'settles too briefly',
    within((limits) => ({ ...limits, settleMs: (limits.settleMs ?? 20_000) - 1_000 })),
    /left service at/,
  ],
  [
    "takes an unknown kind for an ALB's",
    within((limits) => ({ settleMs: 20_000, ...limits })),
    /left service at/,
  ],
  ['falls back early', aSecondIn({ kind: 'fallback', because: said }), /fallback before/],
  ['falls back knowingly', calledOnce({ kind: 'fallback', because: said }), /something was learnt/],
  [
    'forgets what the search lacked',
    knowing(({ search, ...rest }) => {
      if (!search) return rest
      const { failure: _forgotten, ...whole } = search
      return { ...rest, search: whole }
    }),
    /what the search lacks may hold/,
  ],
  [
    'forgets a binding that does not select the pod any more',
    knowing(({ groups, ...rest }) => {
      const kept = groups.filter(({ claim }) => claim !== 'once-bound')
      return { ...rest, groups: kept.length > 0 ? kept : groups }
    }),
    /nothing was learnt|was served|was draining|left service/,
  ],
  [
    'takes time for proof of a pod that may come back',
    knowing((progress) => {
      const pod = { askedAtMs: 0, answeredAtMs: 0, ...progress.pod }
      return {
        ...progress,
        pod: { ...pod, seen: { ...pod.seen, kind: 'pod', deletion: 'deleting' } },
      }
    }),
    /was not looked at again|stale|was draining/,
  ],
  [
    'believes a name that names nothing',
    knowing(({ groups, ...rest }) => ({
      ...rest,
      groups: groups.map((group) => ({ ...group, claim: 'bound' as const })),
    })),
    /a name that names nothing/,
  ],
  ['sees restarts everywhere', calledOnce({ kind: 'not-terminating' }), /had not settled/],
  ['asks nobody about a restart', aSecondIn({ kind: 'not-terminating' }), /before the bound/],
  [
    'looks at no group for a restart',
    knowing(({ pod, ...rest }) => {
      const groups = pod?.seen?.deletion === 'staying' ? [] : rest.groups
      return { ...rest, groups, ...(pod ? { pod } : {}) }
    }),
    /was not looked at again/,
  ],
  [
    'bounds all hooks by the first',
    {
      learnAll,
      judge: (progress, _hook, now, limits) =>
        judge(progress, { arrivedAtMs: progress.startedAtMs }, now, limits),
    },
    /asked before the (hook|bound)|deadline before|fallback before/,
  ],
  [
    'bounds all hooks by the last',
    {
      learnAll,
      judge: (progress, _hook, now, limits) =>
        judge(progress, { arrivedAtMs: progress.joinedAtMs }, now, limits),
    },
    /held at|sleeps past the deadline/,
  ],
  ['calls any end a deadline', calledOnce({ kind: 'deadline' }), /deadline before/],
  [
    'warns of a pod that has settled',
    but((verdict) =>
      verdict.kind === 'release' && verdict.outcome.kind === 'settled' && verdict.outcome.cut
        ? release({ kind: 'deadline' })
        : verdict,
    ),
    /though it had settled/,
  ],
  [
    'is late for the deadline',
    within((limits) => ({ ...limits, reserveMs: limits.reserveMs - 100 })),
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
    within((limits) => ({ ...limits, settleMs: (limits.settleMs ?? 120_000) + 25_000 })),
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
