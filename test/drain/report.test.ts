import t from 'tap'
import { learn } from '../../src/drain/learn.ts'
import { begin } from '../../src/drain/progress.ts'
import { reportOf } from '../../src/drain/report.ts'
import { roomy } from '../support/drain-under-test.ts'

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
