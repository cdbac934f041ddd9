import t from 'tap'
import { learn } from '../../src/drain/learn.ts'
import type { Outcome } from '../../src/drain/policy.ts'
import { begin, beginGroup, type Fact, type GroupProgress } from '../../src/drain/progress.ts'
import { reportOf } from '../../src/drain/report.ts'
import { roomy } from '../support/drain-under-test.ts'
import { failed, failure } from '../support/scripted-balancer.ts'

t.test('before the first hook there is nothing to tell', async (t) => {
  t.strictSame(reportOf(undefined, roomy, 5), { state: 'idle' })
})

t.test('stays under the 10 KiB that the kubelet reads', async (t) => {
  const groups = Array.from(
    { length: 40 },
    (_, n) =>
      `arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:targetgroup/${`g${n}`.padEnd(32, 'x')}/0123456789abcdef`,
  )
  let progress = begin(groups, 0)
  for (const group of groups) {
    progress = learn(progress, {
      kind: 'looked',
      group,
      view: { kind: 'listing' },
      askedAtMs: 1,
      answeredAtMs: 2,
      answer: {
        kind: 'seen',
        sightings: [8080, 9090].map((port) => ({
          target: {
            group,
            id: 'fd00:1234:5678:9abc:def0:1234:5678:9abc',
            port,
            zone: 'us-gov-west-1a',
          },
          state: 'unhealthy.draining',
          reason: 'Target.DeregistrationInProgress',
        })),
        group: 'serving',
      },
    })
    const answer = { kind: 'denied', said: 'x'.repeat(300) } as const
    const look = {
      kind: 'looked',
      view: { kind: 'listing' },
      askedAtMs: 3,
      answeredAtMs: 4,
    } as const
    progress = learn(progress, { ...look, group, answer })
  }
  const end = { outcome: { kind: 'deadline', neededMs: 301_500 } as const, atMs: 25_000 }
  const report = reportOf({ progress, hooks: 2, end }, roomy, 99_000)
  t.ok(JSON.stringify(report).length < 10_240, `${JSON.stringify(report).length} characters`)
  t.match(report, { state: 'released', outcome: 'deadline', heldSeconds: 25, moreTargets: 64 })
  t.match(report.because, /GRACE_PERIOD_SECONDS to 307/)
  t.match(report, { hooks: 2, looks: 80, throttled: 0, apiSeconds: 0.08 }, 'of all 40 groups')
  t.match(report.groups?.[0], { looks: 2, answers: { seen: 1, denied: 1 } })
})

const group = 'a'
const target = { group, id: '10.0.1.7', port: 8080 }

t.test('while it drains: what there is to see, and what keeps the truth away', async (t) => {
  const look = { kind: 'looked', group, view: { kind: 'listing' } } as const
  const seen = { kind: 'seen', group: 'serving' } as const
  const sighting = { target, state: 'draining', reason: 'Target.DeregistrationInProgress' }
  const bare = { target: { ...target, port: 9090 }, state: 'healthy' }
  const facts: Fact[] = [
    { ...look, askedAtMs: 0, answeredAtMs: 120, answer: { ...seen, sightings: [sighting, bare] } },
    { ...look, askedAtMs: 1_000, answeredAtMs: 1_034.6, answer: failure('throttled') },
  ]
  const progress = facts.reduce(learn, begin([group], 0))
  t.strictSame(reportOf({ progress, hooks: 1 }, roomy, 12_345.6), {
    ...{
      state: 'draining',
      heldSeconds: 12.346,
      hooks: 1,
      looks: 2,
      throttled: 1,
      apiSeconds: 0.155,
    },
    targets: [
      { ...target, state: 'draining', reason: 'Target.DeregistrationInProgress' },
      { ...target, port: 9090, state: 'healthy' },
    ],
    groups: [
      { group, looks: 2, answers: { seen: 1, throttled: 1 }, trouble: 'throttled by script' },
    ],
  })
})

const sentences: [Outcome, RegExp][] = [
  [{ kind: 'deregistered' }, /^every target of this pod has left service and settled$/],
  [{ kind: 'idle' }, /draining and settled, and has no connections$/],
  [{ kind: 'settled' }, /draining, or cannot be watched, and has settled$/],
  [{ kind: 'unregistered' }, /^this pod is in none of the target groups$/],
  [{ kind: 'not-terminating' }, /not being deleted .*: a container restarts$/],
  [
    { kind: 'fallback', because: failure('denied') },
    /^what is needed could not be learnt: denied by script$/,
  ],
  [
    { kind: 'deadline' },
    /^the time was up before the pod was deregistered: .*GRACE_PERIOD_SECONDS$/,
  ],
  [
    { kind: 'deadline', neededMs: 30_000 },
    /^the time was up while .* GRACE_PERIOD_SECONDS to 35, /,
  ],
]
for (const [outcome, because] of sentences) {
  t.test(`the sentence of ${outcome.kind}`, async (t) => {
    const state = { progress: begin([], 500), hooks: 1, end: { outcome, atMs: 2_500 } }
    const report = reportOf(state, roomy, 9_000)
    t.match(report, { state: 'released', outcome: outcome.kind, because, heldSeconds: 2 })
  })
}

t.test('the sentence of a deadline, where more time would not have helped', async (t) => {
  const attempt = { askedAtMs: 0, answeredAtMs: 0 }
  const said = (more: Partial<GroupProgress>) => {
    const tried = more.targets ? { attempt } : {}
    const groups = [{ ...beginGroup(group, {}, 0), ...tried, ...more }]
    const end = { outcome: { kind: 'deadline' }, atMs: 2_500 } as const
    return reportOf({ progress: { ...begin([], 500), groups }, hooks: 1, end }, roomy, 9_000)
      .because
  }
  const at = (kind: 'registered' | 'draining') => {
    const target = { group, id: '10.0.1.7', port: 8080 }
    return { target, sighting: { target, state: kind }, phase: { kind } }
  }
  const drains = { targets: [at('draining')] }
  t.match(
    said({ ...drains, failure: failed('denied') }),
    /^the time was up while looks failed: denied/,
  )
  t.match(said({ targets: [at('registered'), at('draining')] }), /before the pod was deregistered/)
  t.match(said(drains), /draining, for how long could not be learnt$/)
  const described = { answeredAtMs: 0, times: 1, missing: [failure('denied')] }
  t.match(said({ ...drains, described }), /could not be learnt: denied by script$/)
  const facts = { deregistrationDelayMs: 30_000 }
  t.match(said({ ...drains, facts }), /draining, for longer than its deregistration delay$/)
})

t.test('the sentence of a pod that was deleted by force', async (t) => {
  const seen = { kind: 'pod', deletion: 'deleted' } as const
  const progress = { ...begin([], 500), pod: { askedAtMs: 0, answeredAtMs: 0, seen } }
  const end = { outcome: { kind: 'deadline', neededMs: 30_000 }, atMs: 2_500 } as const
  const { because } = reportOf({ progress, hooks: 1, end }, roomy, 9_000)
  t.equal(because, 'the pod was deleted by force: nobody waits for its hooks any more')
})

t.test('as many targets and groups as a hook has room for', async (t) => {
  const sixteen = (more: number): GroupProgress => ({
    ...beginGroup(group, {}, 0),
    targets: Array.from({ length: 16 + more }, (_, port) => {
      const one = { ...target, port }
      return {
        target: one,
        sighting: { target: one, state: 'healthy' },
        phase: { kind: 'registered' },
      }
    }),
  })
  const of = (groups: GroupProgress[]) =>
    reportOf({ progress: { ...begin([], 0), groups }, hooks: 1 }, roomy, 0)
  t.notOk('moreTargets' in of([sixteen(0)]))
  t.match(of([sixteen(1)]), { moreTargets: 1, targets: { length: 16 } })
  const many = Array.from({ length: 9 }, (_, n) => beginGroup(`g${n}`, {}, 0))
  t.equal(of(many).groups?.length, 8)
})
