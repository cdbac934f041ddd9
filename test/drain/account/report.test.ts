import t from 'tap'
import { reportOf } from '../../../src/drain/account/report.ts'
import type { Outcome } from '../../../src/drain/judgement/outcome.ts'
import { severityOf } from '../../../src/drain/judgement/severity.ts'
import { looksIn, noFigures, sumOf } from '../../../src/drain/knowledge/figures.ts'
import { learn } from '../../../src/drain/knowledge/learn.ts'
import {
  begin,
  type Fact,
  type GroupProgress,
  type Progress,
} from '../../../src/drain/knowledge/progress.ts'
import { roomy } from '../../support/drain-under-test.ts'
import {
  drainingSince,
  groupWith,
  knowing,
  podSaid,
  ref,
  registered,
  s,
  state,
  targetIn,
  within,
} from '../../support/known.ts'
import { failed, failure } from '../../support/scripted-balancer.ts'

const said = (outcome: Outcome, progress: Progress, limits = {}) =>
  reportOf(state(progress, outcome), within(limits), 99 * s)

t.test('before the first hook there is nothing to tell', async (t) => {
  t.strictSame(reportOf(undefined, roomy, 5), { state: 'idle' })
})

t.test('while it drains: what there is to see, and what keeps the truth away', async (t) => {
  const draining = { state: 'draining', reason: 'Target.DeregistrationInProgress' }
  const other = { ...ref, port: 9090, zone: 'eu-west-1a' }
  const sightings = [
    { target: ref, ...draining },
    { target: other, state: 'healthy' },
  ]
  const seen = { kind: 'seen', group: 'serving', sightings, othersDraining: 0 } as const
  const look = { kind: 'looked', group: 'a' } as const
  const facts: Fact[] = [
    { ...look, askedAtMs: 0, answeredAtMs: 120, answer: seen },
    { ...look, askedAtMs: 1_000, answeredAtMs: 1_034.6, answer: failure('throttled') },
  ]
  t.strictSame(reportOf(state(facts.reduce(learn, begin(['a'], 0))), roomy, 12_345.6), {
    ...{ state: 'draining', heldSeconds: 12.346, hooks: 1, looks: 2, throttled: 1 },
    apiSeconds: 0.155,
    targets: [
      { ...ref, ...draining },
      { ...other, state: 'healthy' },
    ],
    groups: [
      { group: 'a', looks: 2, answers: { seen: 1, throttled: 1 }, trouble: 'throttled by script' },
    ],
  })
})

t.test('stays under the 10 KiB that the kubelet reads', async (t) => {
  const reason = 'Target.DeregistrationInProgress'
  const groups = Array.from({ length: 40 }, (_, nth): GroupProgress => {
    const name = `g${nth}`.padEnd(32, 'x')
    const group = `arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:123456789012:targetgroup/${name}/0123456789abcdef`
    const target = { group, id: 'fd00:1234:5678:9abc:def0:1234:5678:9abc', zone: 'us-gov-west-1a' }
    const targets = [8080, 9090].map((port) => ({
      ...targetIn('draining', { drainingAtMs: 0 }),
      sighting: { target: { ...target, port }, state: 'unhealthy.draining', reason },
      target: { ...target, port },
    }))
    const last = { kind: 'denied', said: 'x'.repeat(300) } as const
    const answers = { ...noFigures.looks, seen: 1, denied: 1 }
    const facts = { deregistrationDelayMs: 300 * s, loadBalancer: 'network' } as const
    return groupWith(targets, {
      ...{ group, answers, facts, lookingMs: 2 },
      failure: { ...failed('denied'), last },
    })
  })
  const report = said({ kind: 'deadline' }, knowing(groups), { graceMs: 30 * s })
  t.ok(JSON.stringify(report).length < 10_240, `${JSON.stringify(report).length} characters`)
  t.match(report, { targets: { length: 16 }, moreTargets: 64, groups: { length: 8 } })
  t.match(report, { looks: 80, throttled: 0, apiSeconds: 0.08 }, 'of all 40 groups')
  const full = groups.slice(0, 8)
  t.notOk('moreTargets' in said({ kind: 'deadline' }, knowing(full)))
  const over = [...full, groupWith([registered()])]
  t.equal(said({ kind: 'deadline' }, knowing(over)).moreTargets, 1)
})

const settled = { kind: 'settled', cut: 'by-deadline' } as const
const sentences: [Outcome, RegExp, severity: string][] = [
  [{ kind: 'deregistered' }, /^every target of this pod has left service and settled$/, 'normal'],
  [{ kind: 'idle' }, /draining and settled, and has no connections$/, 'normal'],
  [{ kind: 'settled' }, /draining, or cannot be watched, and has settled$/, 'normal'],
  [settled, /^no new requests come, but the grace period left no room for the rest/, 'normal'],
  [{ kind: 'unregistered' }, /^no TargetGroupBinding of its namespace registers pods/, 'normal'],
  [{ kind: 'not-terminating' }, /^the pod is not being deleted: a container restarts$/, 'normal'],
  [
    { kind: 'fallback', because: failure('denied') },
    /^what is needed could not be learnt: denied by script$/,
    'warning',
  ],
  [{ kind: 'deadline' }, /^the time was up before the pod was seen to be deregistered$/, 'warning'],
]
for (const [outcome, because, severity] of sentences) {
  t.test(`the sentence of ${outcome.kind}`, async (t) => {
    const report = said(outcome, knowing([]))
    const released = { state: 'released', outcome: outcome.kind, heldSeconds: 25 }
    t.match(report, { ...released, because, severity })
  })
}

t.test('a report of one hook is about that one', async (t) => {
  const late = { arrivedAtMs: 5 * s }
  const end = { hook: late, outcome: { kind: 'deadline' }, atMs: 25 * s } as const
  const report = reportOf(state(knowing([])), roomy, 99 * s, end)
  t.match(report, { state: 'released', outcome: 'deadline', heldSeconds: 20 })
})

t.test('what lasted until the deadline', async (t) => {
  const lasted = (...groups: GroupProgress[]) => said({ kind: 'deadline' }, knowing(groups)).because
  const drains = drainingSince(5 * s)
  const { attempt: _none, ...unseen } = groupWith([])
  t.match(lasted(unseen), /before anything could be learnt: .* longer than RESERVE_SECONDS$/)
  t.match(lasted(unseen, groupWith([drains])), /before the target had settled$/)
  const failing = groupWith([drains], { failure: failed('denied') })
  t.equal(lasted(failing), 'the time was up while looks failed: denied by script')
  const serves = /before the pod was seen to be deregistered$/
  t.match(lasted(groupWith([drains, registered()])), serves)
  const unhealthy = targetIn('gone', { sighting: { target: ref, state: 'unhealthy' } })
  t.match(lasted(groupWith([unhealthy])), serves, 'to be unhealthy is not to be deregistered')
  t.equal(
    said({ kind: 'deadline' }, knowing([], podSaid('deleted'))).because,
    'the pod was deleted by force: nobody waits for its hooks any more',
  )
})

t.test('no target group was found, and why', async (t) => {
  const search = { askedAtMs: 0, answeredAtMs: 0, missing: [], more: 0 }
  const lost = {
    kind: 'gone',
    said: 'TargetGroupBinding web: no target group is named web',
  } as const
  const known = knowing([], { search: { ...search, narrowed: [lost] } })
  const { because } = said({ kind: 'unregistered' }, known)
  t.equal(because, `no target group was found: ${lost.said}`)
})

t.test('a ready pod that is in none of its target groups is odd', async (t) => {
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'
  const absent = (more: Partial<GroupProgress> = {}) =>
    groupWith([], { group: arn, absentAtMs: 8 * s, ...more })
  const of = (ready: boolean | undefined, ...groups: GroupProgress[]) => {
    const pod = podSaid('deleting', ready === undefined ? {} : { ready })
    const { severity, because } = said({ kind: 'unregistered' }, knowing(groups, pod))
    return [severity, because]
  }
  const looked = 'this pod was looked for, and is in none of the target groups web'
  t.strictSame(of(true, absent()), [
    'warning',
    `${looked}: it is ready; if it served requests, name its groups in TARGET_GROUP_ARNS`,
  ])
  t.strictSame(of(false, absent()), ['normal', looked])
  t.strictSame(of(undefined, absent()), ['normal', looked])
  const late = podSaid('deleting', { ready: true, deletedAtMs: 98 * s })
  const missedAt = (atSecond: number) => {
    const group = absent({ absentAtMs: atSecond * s, facts: { deregistrationDelayMs: 10 * s } })
    const known = knowing([group], { startedAtMs: 100 * s, ...late })
    return said({ kind: 'unregistered' }, known).severity
  }
  t.strictSame(
    [missedAt(107.9), missedAt(108)],
    ['warning', 'normal'],
    'a delay after its deletion',
  )
  const many = Array.from({ length: 10 }, (_, nth) => absent({ group: `g${nth}` }))
  t.match(of(false, ...many)[1], /groups g0, g1, g2, g3, g4, g5, g6, g7 and 2 others$/)
  t.equal(
    severityOf({ kind: 'deregistered' }, knowing([], podSaid('deleting', { ready: true }))),
    'normal',
  )
})

t.test('figures of two drains add up', async (t) => {
  const looks = { seen: 1, throttled: 2, denied: 3, unreachable: 4, gone: 5, malformed: 6 }
  const one = { looks, throttled: 7, lookingMs: 8 }
  const twice = { seen: 2, throttled: 4, denied: 6, unreachable: 8, gone: 10, malformed: 12 }
  t.strictSame(sumOf(one, one), { looks: twice, throttled: 14, lookingMs: 16 })
  t.strictSame(sumOf(noFigures, one), one)
  t.equal(looksIn(one), 21)
})
