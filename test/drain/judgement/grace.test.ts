import t from 'tap'
import { reportOf } from '../../../src/drain/account/report.ts'
import { neededGraceMs, neededGraceOf } from '../../../src/drain/judgement/grace.ts'
import type { GroupProgress } from '../../../src/drain/knowledge/progress.ts'
import { deleted, play, roomy } from '../../support/drain-under-test.ts'
import {
  drainingSince,
  goneSince,
  groupWith,
  knowing,
  registered,
  s,
  within,
} from '../../support/known.ts'
import { deregisteredAt } from '../../support/scripted-balancer.ts'

t.test(
  'the grace period that a drain needs: for the controller, the wait and the app',
  async (t) => {
    const long = { delayMs: 300 * s, settleMs: 20 * s, reserveMs: 5 * s }
    t.equal(neededGraceMs(long), 325 * s)
    t.equal(neededGraceMs({ ...long, delayMs: 10 * s }), 45 * s)
    t.equal(neededGraceMs({ ...long, targetType: 'instance' }), 25 * s, 'nobody deregisters a node')
    const of = (groups: GroupProgress[], limits = {}) => {
      const neededMs = neededGraceOf(knowing(groups), within(limits))
      return neededMs && neededMs / s
    }
    const delay = (seconds: number, more = {}) => ({
      facts: { loadBalancer: 'application', deregistrationDelayMs: seconds * s, ...more } as const,
    })
    const drains = (seconds: number) => groupWith([drainingSince(0)], delay(seconds))
    t.equal(
      of([drains(300), drains(60), groupWith([], delay(900))]),
      325,
      'the longest that it is in',
    )
    t.equal(of([groupWith([registered()], delay(300, { loadBalancer: 'network' }))]), 325)
    t.equal(of([groupWith([registered()], delay(30, { loadBalancer: 'network' }))]), 145)
    t.equal(of([drains(300), groupWith([registered()])]), undefined, 'one is not known')
    t.equal(of([drains(300), groupWith([registered()])], { releaseWhen: 'settled' }), 145)
    t.equal(of([drains(300)], { releaseWhen: 'settled', settleMs: 0 }), 25, 'it waits for no end')
    t.equal(of([groupWith([goneSince(5 * s)], delay(300))]), undefined, 'it was not in it')
    t.equal(of([groupWith([registered()], delay(300, { targetType: 'instance' }))]), undefined)
    t.equal(of([]), undefined)
  },
)

t.test('one number is recommended wherever the grace period is too short', async (t) => {
  const neededMs = neededGraceMs({ delayMs: 300 * s, settleMs: 20 * s, reserveMs: 5 * s })
  const advised =
    /^[^:]*: set terminationGracePeriodSeconds \(and GRACE_PERIOD_SECONDS, where it is set\) to (\d+), or lower the target group's deregistration delay$/
  for (const [leftMs, graceMs, ended, severity] of [
    [3 * s, 60 * s, 'settled, cut, at 55', 'normal'],
    [40 * s, 60 * s, 'deadline at 55', 'warning'],
    [900 * s, 200 * s, 'deadline at 195', 'warning'],
  ] as const) {
    const drained = await play({ a: deregisteredAt(leftMs, 300 * s) }, { graceMs }, deleted)
    t.equal(drained.ended, ended)
    const told = drained.changes.filter((change) => change.kind === 'grace-too-short')
    t.match(told, [{ neededMs, graceMs }])
    const report = reportOf(drained.drain.state(), within({ graceMs }), 0)
    t.equal(report.severity, severity)
    t.equal(Number(advised.exec(report.because ?? '')?.[1]) * s, neededMs)
  }
})

t.test('nor is the number that the pod has already', async (t) => {
  const own = { kind: 'pod', deletion: 'deleting', graceMs: 325 * s, deletedAtMs: -500 } as const
  // The kubelet called half a second late; or the deletion granted less.
  for (const graceEndsAtMs of [324.5 * s, 60 * s]) {
    const pod = [[0, { ...own, graceEndsAtMs }]] as const
    const { drain, changes } = await play({ a: deregisteredAt(25 * s, 300 * s) }, {}, { pod })
    const { because } = reportOf(drain.state(), roomy, 0)
    t.match(because, /no room for the rest of the deregistration delay$/)
    t.notOk(changes.some(({ kind }) => kind === 'grace-too-short'))
  }
})

t.test('a longer grace period is not recommended where it would not have helped', async (t) => {
  // The controller took a quarter of an hour.
  const late = await play({ a: deregisteredAt(900 * s, 300 * s) }, {}, deleted)
  t.equal(late.ended, 'settled, cut, at 995')
  t.match(
    reportOf(late.drain.state(), roomy, 0).because,
    /no room for the rest of the deregistration delay$/,
  )
  const never = await play({ a: { scenes: [[0, [{ state: 'healthy' }]]] } }, {}, deleted)
  t.equal(
    reportOf(never.drain.state(), roomy, 0).because,
    'the time was up before the pod was seen to be deregistered',
  )
})
