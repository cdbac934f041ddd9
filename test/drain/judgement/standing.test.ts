import t from 'tap'
import { clearOf, isDeleted, leftServiceBy } from '../../../src/drain/judgement/clear.ts'
import { standingOf } from '../../../src/drain/judgement/standing.ts'
import type {
  GroupProgress,
  Progress,
  TargetProgress,
} from '../../../src/drain/knowledge/progress.ts'
import type { PodSeen } from '../../../src/drain/ports.ts'
import {
  drainingSince,
  first,
  goneSince,
  groupWith,
  knowing,
  podSaid,
  ref,
  registered,
  s,
  targetIn,
  within,
} from '../../support/known.ts'
import { failed } from '../../support/scripted-balancer.ts'

const facts = { deregistrationDelayMs: 30 * s, loadBalancer: 'application' } as const
const group = (targets: readonly TargetProgress[], more: Partial<GroupProgress> = {}) =>
  groupWith(targets, { facts, ...more })
const later = { arrivedAtMs: 40 * s }
const deleted = podSaid('deleting')

t.test('the latest moment at which a target left service', async (t) => {
  const left = (target: TargetProgress) => leftServiceBy(target, group([])) / s
  t.equal(left(goneSince(35 * s, { drainingAtMs: 5 * s })), 5)
  t.equal(left(goneSince(33 * s, { drainingAtMs: 5 * s })), 3, 'a delay before it was gone')
  t.equal(left(goneSince(100 * s)), 70, 'it drained before it was found finished')
  t.equal(left(goneSince(100 * s, { registeredAtMs: 60 * s })), 70)
  t.equal(left(goneSince(100 * s, { registeredAtMs: 80 * s })), 100, 'it cannot have drained')
  t.equal(leftServiceBy(goneSince(100 * s), groupWith([])), 100 * s, 'of a delay unknown')
  const unhealthy = { gone: { atMs: 100 * s, reason: 'Target.Timeout' } }
  t.equal(left(targetIn('gone', unhealthy)), 100, 'it did not drain at all')
})

/** [from which second on, by what, from when a listing proves it]. */
function clear(of: GroupProgress, known: Partial<Progress> = {}, limits = {}, hook = first) {
  const says = clearOf(of, knowing([of], known), hook, 100 * s, within(limits))
  return says && [says.atMs / s, says.by, says.provenFromMs / s]
}

t.test('a target that has gone: once it has settled, by a listing that began then', async (t) => {
  t.strictSame(clear(group([goneSince(35 * s, { drainingAtMs: 5 * s })])), [25, 'deregistered', 25])
  t.strictSame(clear(group([goneSince(35 * s)])), [40, 'deregistered', 40], 'and missed twice')
  const late = goneSince(35 * s, { registeredAtMs: 30 * s })
  t.strictSame(clear(group([late])), [55, 'deregistered', 55])
  t.equal(clear(group([goneSince(35 * s), registered()])), undefined)
  t.equal(clear(group([drainingSince(5 * s)])), undefined, 'it drains')
  const all = [
    goneSince(35 * s, { drainingAtMs: 5 * s }),
    goneSince(60 * s, { drainingAtMs: 9 * s }),
  ]
  t.strictSame(clear(group(all)), [29, 'deregistered', 29], 'the last of them')
})

t.test('time alone is proof for a pod that is deleted, of what was seen to drain', async (t) => {
  const never = -Infinity
  t.strictSame(
    clear(group([drainingSince(5 * s)]), deleted),
    [38, 'deregistered', never],
    '5 + 30 + 3',
  )
  const brief = { facts: { ...facts, deregistrationDelayMs: 10 * s } }
  t.strictSame(clear(group([drainingSince(5 * s)], brief), deleted), [25, 'deregistered', never])
  t.equal(clear(group([drainingSince(5 * s)], { facts: {} }), deleted), undefined)
  t.equal(clear(group([drainingSince(5 * s)]), podSaid('ending')), undefined, 'nor of any other')
  const gone = goneSince(35 * s, { drainingAtMs: 5 * s })
  t.strictSame(clear(group([gone]), deleted), [25, 'deregistered', never])
  t.strictSame(
    clear(group([goneSince(35 * s)]), deleted),
    [40, 'deregistered', 40],
    'it was not seen',
  )
  t.strictSame(clear(group([drainingSince(20 * s), goneSince(35 * s)]), deleted), [
    53,
    'deregistered',
    40,
  ])
})

t.test('modes that do not wait for the end of the delay', async (t) => {
  const drains = group([drainingSince(5 * s)])
  const settled = { releaseWhen: 'settled' } as const
  t.strictSame(clear(drains, {}, settled), [25, 'settled', 25])
  t.strictSame(clear(drains, deleted, settled), [25, 'settled', -Infinity])
  const idle = { releaseWhen: 'idle' } as const
  const since = (second: number, askedAtSecond = 100, port = ref.port) => ({
    connections: { askedAtMs: askedAtSecond * s, idleSinceMs: new Map([[port, second * s]]) },
  })
  const counted = group([drainingSince(5 * s)], { facts: { ...facts, traffic: 'connections' } })
  t.strictSame(clear(counted, since(60), idle), [65, 'idle', 65])
  t.strictSame(clear(counted, since(6), idle), [25, 'idle', 25])
  t.strictSame(clear(counted, since(60, 97), idle), [65, 'idle', 65])
  t.equal(clear(counted, since(60, 96.9), idle), undefined, 'counted too long ago')
  t.equal(clear(counted, since(60, 100, 9090), idle), undefined)
  t.equal(clear(drains, since(60), idle), undefined, 'it may be datagrams')
  t.strictSame(clear(counted, { ...deleted, ...since(6) }, idle), [25, 'idle', -Infinity])
  t.strictSame(clear(counted, { ...deleted, ...since(60) }, idle), [38, 'deregistered', -Infinity])
  const both = [targetIn('gone', { drainingAtMs: 1 * s }, 9090), drainingSince(5 * s)]
  for (const targets of [both, both.toReversed()]) {
    const { facts } = counted
    t.match(clear(group(targets, { facts }), since(6), idle), [25, 'idle'], 'in whichever order')
  }
})

t.test('a pod that is in no listing of the group', async (t) => {
  const absent = (more: Partial<GroupProgress> = {}) =>
    clear(group([], { absentAtMs: 2 * s, ...more }))
  const of = (more: GroupProgress['facts']) => ({ facts: { ...facts, ...more } })
  t.equal(clear(group([])), undefined)
  t.strictSame(absent(of({ targetType: 'ip' })), [7, 'unregistered', 7], 'seen twice')
  t.strictSame(absent(of({ targetType: 'ip', deregistrationDelayMs: 4 * s })), [
    18,
    'unregistered',
    18,
  ])
  t.strictSame(absent(), [22, 'unregistered', 22], 'it may be a group of nodes')
  t.strictSame(absent({ facts: {} }), [122, 'unregistered', 122])
  const possible = absent({
    ...of({ deregistrationDelayMs: 300 * s, targetType: 'ip' }),
    claim: 'possible',
  })
  t.strictSame(possible, [7, 'unregistered', -Infinity], 'once')
  const described = { answeredAtMs: 3 * s, times: 1, missing: [] }
  const guess = (seconds: number) =>
    absent({
      ...{ claim: 'possible', described },
      ...of({ deregistrationDelayMs: seconds * s, targetType: 'ip' }),
    })
  t.strictSame(guess(3), [2, 'unregistered', -Infinity], 'its delay is longer than that')
  t.strictSame(guess(2), [20, 'unregistered', -Infinity], 'it may just have left')
  const truth = { askedAtMs: 2 * s, about: 'no-group' } as const
  t.strictSame(absent({ truth }), [7, 'unregistered', 7], 'nor is there a group')
  t.equal(absent({ truth, claim: 'named' }), undefined, 'a name that names nothing is a mistake')
})

t.test('of a group of nodes there is only time to wait for', async (t) => {
  const nodes = group([], { facts: { targetType: 'instance', loadBalancer: 'network' } })
  t.strictSame(clear(nodes), [120, 'settled', -Infinity])
  t.strictSame(clear(nodes, {}, {}, later), [160, 'settled', -Infinity], 'from the hook on')
})

t.test('a pod that does not come back', async (t) => {
  const words: PodSeen['deletion'][] = ['deleting', 'deleted', 'ending', 'staying', 'cannot-tell']
  const said = words.map((deletion) => isDeleted(knowing([], podSaid(deletion))))
  t.strictSame(said, [true, true, false, false, false])
  t.equal(isDeleted(knowing([])), false)
})

function standing(of: GroupProgress, second: number, known: Partial<Progress> = {}, limits = {}) {
  const says = standingOf(of, knowing([of], known), first, second * s, within(limits))
  return says.kind === 'unknown' ? says.because.said : says.kind
}
const truthAt = (second: number) => ({ truth: { askedAtMs: second * s, about: 'group' } as const })

t.test('clear when the time is over and a look begun since shows it', async (t) => {
  const gone = [goneSince(51 * s, { drainingAtMs: 20 * s })]
  t.equal(standing(group(gone, truthAt(39)), 39), 'holds')
  t.equal(standing(group(gone, truthAt(39)), 40), 'holds', 'it may have come back')
  t.equal(standing(group(gone, truthAt(40)), 40), 'clear')
  t.equal(standing(group(gone, truthAt(35)), 40, deleted), 'clear')
  const says = (known: Partial<Progress>) =>
    standingOf(group(gone, truthAt(40)), knowing([], known), first, 40 * s, within())
  t.match(says({}), { freshUntilMs: 55 * s })
  t.match(says(deleted), { freshUntilMs: Infinity })
})

t.test('what cannot be learnt is waited for until its time', async (t) => {
  const lost = { failure: failed('unreachable') }
  const { truth: _none, attempt: _neither, ...unasked } = group([])
  t.strictSame([standing(unasked, 29), standing(unasked, 30)], ['holds', 'no answer came'])
  const unseen = { ...unasked, ...lost }
  t.strictSame([standing(unseen, 29), standing(unseen, 30)], ['holds', lost.failure.last.said])
  t.equal(standing(group([registered()], lost), 900), 'holds', 'it was served when last seen')
  t.equal(standing(group([], { ...lost, absentAtMs: 2 * s }), 30), lost.failure.last.said)
  const wrong = { claim: 'named', truth: { askedAtMs: 2 * s, about: 'no-group' } } as const
  t.equal(standing(group([], { ...wrong, absentAtMs: 2 * s }), 29), 'holds')
  t.match(standing(group([], { ...wrong, absentAtMs: 2 * s }), 30), /mend TARGET_GROUP_ARNS/)
})

t.test('a drain that was seen has its time, whatever fails since', async (t) => {
  const lost = { failure: failed('unreachable') }
  const drains = group([drainingSince(15 * s)], lost)
  t.strictSame([standing(drains, 44), standing(drains, 45)], ['holds', lost.failure.last.said])
  const unknown = group([drainingSince(15 * s)], { ...lost, facts: {} })
  t.equal(standing(unknown, 900), 'holds', 'for how long is not known')
  const both = group([drainingSince(15 * s), registered()], lost)
  t.equal(standing(both, 900), 'holds')
  const old = group([goneSince(35 * s, { drainingAtMs: 5 * s })], { ...lost, ...truthAt(36) })
  t.equal(standing(old, 50), 'clear')
  t.equal(standing(old, 51), lost.failure.last.said, 'what it showed is old')
  t.equal(standing(old, 51, deleted), 'clear', 'which is no matter where time is proof')
  t.equal(standing({ ...old, failure: failed('throttled') }, 900), 'clear', 'until the deadline')
})
