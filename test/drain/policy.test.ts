import t from 'tap'
import type { GroupProgress, Progress, TargetProgress } from '../../src/drain/knowledge/progress.ts'
import { judge } from '../../src/drain/policy.ts'
import {
  drainingSince,
  first,
  goneSince,
  groupWith,
  knowing,
  podSaid,
  registered,
  s,
  targetIn,
  within,
} from '../support/known.ts'
import { failed, failure } from '../support/scripted-balancer.ts'

const facts = { deregistrationDelayMs: 300 * s, loadBalancer: 'application' } as const
const lookedAt = (second: number) => {
  const at = { askedAtMs: second * s, answeredAtMs: second * s }
  return { truth: { askedAtMs: second * s, about: 'group' } as const, attempt: at }
}
const group = (targets: readonly TargetProgress[], more: Partial<GroupProgress> = {}) =>
  groupWith(targets, { facts, ...more })
const minute = { graceMs: 60 * s }

function verdict(known: Progress, second: number, limits = {}, hook = first, last = hook) {
  return judge(known, hook, second * s, within(limits), last)
}
const outcome = (...of: Parameters<typeof verdict>) => {
  const says = verdict(...of)
  return says.kind === 'release' ? says.outcome : says.kind
}

t.test('the outcome tells by what right: the weakest of all groups', async (t) => {
  const at = lookedAt(99)
  const left = [goneSince(90 * s, { drainingAtMs: 5 * s })]
  const gone = group(left, at)
  const nodes = group([], { facts: { ...facts, targetType: 'instance' } })
  const absent = group([], { ...at, absentAtMs: 2 * s })
  const lost = group([], { failure: failed('denied'), absentAtMs: 2 * s })
  const of = (...groups: GroupProgress[]) => outcome(knowing(groups), 100)
  t.strictSame(of(gone, absent), { kind: 'deregistered' })
  t.strictSame(of(gone, nodes, absent), { kind: 'settled' })
  t.strictSame(of(absent), { kind: 'unregistered' })
  t.strictSame(of(gone, lost), { kind: 'fallback', because: failure('denied') })
  const counted = { connections: { askedAtMs: 100 * s, idleSinceMs: new Map([[8080, 0]]) } }
  const drains = group([drainingSince(5 * s)], {
    ...at,
    facts: { ...facts, traffic: 'connections' },
  })
  const idle = { releaseWhen: 'idle' }
  t.strictSame(outcome(knowing([gone, drains, nodes], counted), 100, idle), { kind: 'idle' })
  t.equal(outcome(knowing([gone, drains]), 100), 'hold', 'all have to be clear')
})

t.test('at the deadline: settled where every target was seen to leave in time', async (t) => {
  const deleted = podSaid('deleting')
  const at = (...groups: GroupProgress[]) => outcome(knowing(groups, deleted), 55, minute)
  const cut = { kind: 'settled', cut: 'by-deadline' }
  const deadline = { kind: 'deadline' }
  const drains = group([drainingSince(35 * s)])
  t.equal(outcome(knowing([drains], deleted), 54.999, minute), 'hold')
  t.strictSame(at(drains), cut)
  t.strictSame(outcome(knowing([drains]), 55, minute), deadline, 'it may have come back since')
  const fresh = group([drainingSince(35 * s)], lookedAt(40))
  t.strictSame(outcome(knowing([fresh]), 55, minute), cut)
  t.strictSame(outcome(knowing([drains], podSaid('deleted')), 55, minute), deadline, 'by force')
  t.strictSame(at(group([drainingSince(35.001 * s)])), deadline)
  t.strictSame(at(group([drainingSince(5 * s)], { facts: {} })), deadline, 'of the slowest kind')
  t.strictSame(at(group([drainingSince(5 * s), registered()])), deadline)
  t.strictSame(at(drains, group([registered()])), deadline)
  t.strictSame(at(drains, group([targetIn('gone', { drainingAtMs: 5 * s })])), cut)
  t.strictSame(at(group([drainingSince(5 * s), goneSince(45 * s)])), deadline, 'it was not seen')
  const absent = (second: number) => group([], { ...lookedAt(second), absentAtMs: 2 * s })
  t.strictSame(at(drains, absent(41)), cut, 'the pod is not in the other')
  t.strictSame(outcome(knowing([drains, absent(39)]), 55, minute), deadline, 'or was not')
  t.strictSame(at(drains, group([], { absentAtMs: 54 * s })), deadline, 'of which it is not sure')
  const guess = group([], { absentAtMs: 54 * s, claim: 'possible' })
  t.strictSame(at(drains, guess), cut, 'nor that it was ever in it')
  t.strictSame(at(guess), deadline)
  const nodes = group([], { facts: { ...facts, targetType: 'instance' } })
  t.strictSame(at(drains, nodes), cut)
  const known = knowing([drains, nodes], deleted)
  t.strictSame(outcome(known, 95, minute, { arrivedAtMs: 40 * s }), cut)
  t.strictSame(
    outcome(known, 95, { ...minute, settleMs: 56 * s }, { arrivedAtMs: 40 * s }),
    deadline,
  )
  const search = { askedAtMs: 0, answeredAtMs: 0, missing: [], narrowed: [], more: 0 }
  const lacks = { search: { ...search, failure: { ...failed('throttled'), inARow: 1 } } }
  t.strictSame(outcome(knowing([drains], { ...deleted, search }), 55, minute), cut)
  t.match(outcome(knowing([group([registered()])], lacks), 55, minute), deadline)
})

t.test('a search that is not over by the deadline ends at it, and not before', async (t) => {
  const none = { search: { askedAtMs: 0, answeredAtMs: 0, missing: [], narrowed: [], more: 0 } }
  const known = knowing([], { search: { ...none.search, noneAtMs: 0 } })
  const tight = { graceMs: 8 * s }
  t.match(verdict(known, 2.999, tight), { kind: 'hold', untilMs: 3 * s })
  t.strictSame(outcome(known, 3, tight), { kind: 'deadline' })
  t.match(verdict(known, 1), { kind: 'hold', untilMs: 30 * s }, 'the fallback time comes first')
  t.match(verdict(known, 31), { kind: 'hold', untilMs: 995 * s }, 'and then the deadline')
})

t.test('clear at the very deadline is no miss, however old the look', async (t) => {
  const gone = group([goneSince(20 * s, { drainingAtMs: 0 })], lookedAt(20))
  t.equal(outcome(knowing([gone]), 54.999, minute), 'hold')
  t.strictSame(outcome(knowing([gone]), 55, minute), { kind: 'deregistered' })
})

t.test('what was clear some time ago is looked at anew, once nothing else holds', async (t) => {
  const gone = (second: number, group: string) => ({
    ...groupWith([goneSince(9 * s, { drainingAtMs: 0 })], { facts, ...lookedAt(second) }),
    group,
  })
  const looks = (...groups: GroupProgress[]) => {
    const says = verdict(knowing(groups), 145)
    if (says.kind === 'release') return 'release'
    return says.asks.flatMap((ask) =>
      ask.kind === 'look' ? [[ask.group, ask.atMs / s, ask.pace]] : [],
    )
  }
  const [stale, fresh] = [gone(130, 'a'), gone(140, 'b')]
  t.strictSame(looks(stale, fresh), [['a', 145, 'first']])
  t.match(verdict(knowing([stale, fresh]), 145), { untilMs: 155 * s }, 'when the next one is')
  const holds = { ...group([registered()], lookedAt(144)), group: 'c' }
  t.match(looks(stale, fresh, holds), [['c', Number, 'brisk']])
  const failing = { ...stale, failure: { ...failed('unreachable'), outageAtMs: 130 * s } }
  t.strictSame(looks(failing, fresh), [['a', 130.75, 'failing']], 'at its own pace')
  t.strictSame(looks(gone(131, 'a'), fresh), 'release')
  const deleted = knowing([stale, fresh], podSaid('deleting'))
  t.equal(verdict(deleted, 145).kind, 'release', 'time is proof')
})

t.test('what the hook that came last needs is asked for as well', async (t) => {
  const known = knowing([group([registered(10 * s)], lookedAt(10))], podSaid('cannot-tell'))
  const looks = (last = first) => {
    const says = verdict(known, 10, { graceMs: 36 * s }, first, last)
    const asks = says.kind === 'hold' ? says.asks : []
    return asks.flatMap((ask) => (ask.kind === 'look' ? [ask.atMs / s] : []))
  }
  t.equal(looks().length, 0, 'for the first there is no time to settle')
  t.equal(looks({ arrivedAtMs: 9 * s }).length, 1)
})
