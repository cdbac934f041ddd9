import t from 'tap'
import type { Position } from '../../../src/drain/account/change.ts'
import { changesBetween } from '../../../src/drain/account/changes.ts'
import type { Limits } from '../../../src/drain/judgement/limits.ts'
import {
  beginGroup,
  type GroupProgress,
  type Progress,
  type SearchProgress,
} from '../../../src/drain/knowledge/progress.ts'
import type { PodSeen } from '../../../src/drain/ports.ts'
import type { Ask } from '../../../src/drain/questions/ask.ts'
import type { Pace } from '../../../src/drain/questions/rhythm.ts'
import {
  drainingSince,
  first,
  goneSince,
  knowing,
  podSaid,
  registered,
  s,
  targetIn,
  within,
} from '../../support/known.ts'
import { failed, failure } from '../../support/scripted-balancer.ts'

const known = beginGroup('a', 'bound', {}, 0)

function position(group: Partial<GroupProgress> = {}, more: Partial<Progress> = {}): Position {
  const progress = knowing([{ ...known, ...group }], more)
  return { progress, verdict: { kind: 'hold', untilMs: 0, asks: [] } }
}
const between = (before: Position, after: Position, limits: Partial<Limits> = {}, hook = first) =>
  changesBetween(before, after, hook, 10 * s, within(limits))
const group = (before: Partial<GroupProgress>, after: Partial<GroupProgress>, limits = {}) =>
  between(position(before), position(after), limits)
const progress = (before: Partial<Progress>, after: Partial<Progress>) =>
  between(position({}, before), position({}, after))

t.test('nothing new: nothing is said', async (t) => {
  const targets = [registered()]
  t.strictSame(group({ targets }, { targets }), [])
})

t.test('a target is told of when its phase or its state is another', async (t) => {
  const told = (before: GroupProgress['targets'], after: GroupProgress['targets']) =>
    group({ targets: before }, { targets: after })
  const serves = registered()
  t.strictSame(told([], [serves]), [
    { kind: 'phase', sighting: serves.sighting, phase: serves.phase },
  ])
  const initial = { ...serves, sighting: { ...serves.sighting, state: 'initial' } }
  t.match(told([initial], [serves]), [{ sighting: { state: 'healthy' } }])
  const gone = { ...serves, phase: { kind: 'gone' } } as const
  t.match(told([serves], [gone]), [{ kind: 'phase', phase: { kind: 'gone' } }])
  const other = targetIn('registered', {}, 9090)
  t.match(told([serves], [serves, other]), [{ sighting: { target: { port: 9090 } } }])
})

t.test('of a group that was not known, nothing has changed', async (t) => {
  const bad = { ...beginGroup('b', 'possible', {}, 0), failure: failed('unreachable') }
  const [before, after] = [knowing([bad, known]), knowing([known])]
  const hold = { kind: 'hold', untilMs: 0, asks: [] } as const
  const changes = (one: Progress, other: Progress) =>
    between({ progress: one, verdict: hold }, { progress: other, verdict: hold })
  t.strictSame(changes(before, after), [], 'it was another that failed')
  const search: SearchProgress = {
    ...{ askedAtMs: 0, answeredAtMs: 0, missing: [], narrowed: [], more: 0 },
  }
  const [one, other] = [knowing([bad], { search }), knowing([known], { search })]
  t.strictSame(changes(one, other), [{ kind: 'found', groups: ['a'], possible: [], more: 0 }])
})

t.test('the pod is in none: said once', async (t) => {
  t.strictSame(group({}, { absentAtMs: 5 }), [{ kind: 'absent', group: 'a' }])
  t.strictSame(group({ absentAtMs: 5 }, { absentAtMs: 5 }), [])
  t.strictSame(group({ absentAtMs: 5 }, {}), [])
})

t.test('looks fail, fail in another way, and are answered again', async (t) => {
  const failing = (kind: Parameters<typeof failure>[0], inARow = 1) => ({
    failure: failed(kind, inARow),
  })
  t.match(group({}, failing('denied')), [{ kind: 'trouble', failure: { kind: 'denied' } }])
  t.strictSame(group(failing('denied'), failing('denied', 2)), [])
  t.match(group(failing('denied'), failing('throttled')), [{ kind: 'trouble' }])
  t.strictSame(group(failing('denied'), {}), [{ kind: 'recovered', group: 'a' }])
})

const described = (...kinds: Parameters<typeof failure>[0][]) => ({
  described: { answeredAtMs: 0, times: 1, missing: kinds.map(failure) },
})

t.test('what cannot be learnt of a group: each kind of reason once', async (t) => {
  const told = (...of: Parameters<typeof group>) =>
    group(...of).flatMap((change) => (change.kind === 'undescribed' ? change.failure.kind : []))
  t.strictSame(told({}, described('denied')), ['denied'])
  t.strictSame(told(described('denied'), described('denied')), [])
  const both = described('denied', 'throttled')
  t.strictSame(told(described('denied'), both), ['throttled'])
  t.strictSame(told(both, described('throttled')), [])
})

t.test('a kind that could not be learnt settles like the slowest, and that is said', async (t) => {
  const guesses = (...of: Parameters<typeof group>) =>
    group(...of).filter(({ kind }) => kind === 'unknown-kind')
  const denied = described('denied')
  t.strictSame(guesses({}, denied), [{ kind: 'unknown-kind', group: 'a', settleMs: 120 * s }])
  t.strictSame(guesses(denied, denied), [])
  t.strictSame(guesses({}, denied, { settleMs: 30 * s }), [], 'it is set')
  t.strictSame(guesses({}, { ...denied, facts: { loadBalancer: 'network' } }), [], 'it is known')
})

t.test('groups of nodes, and of what has no connections', async (t) => {
  const nodes = { facts: { targetType: 'instance' } } as const
  t.strictSame(group({}, nodes), [{ kind: 'nodes', group: 'a' }])
  t.strictSame(group(nodes, nodes), [])
  const kind = { loadBalancer: 'network' } as const
  const datagrams = { facts: { ...kind, traffic: 'datagrams' } } as const
  const idle = { releaseWhen: 'idle' } as const
  t.strictSame(group({}, datagrams, idle), [{ kind: 'datagrams', group: 'a' }])
  t.strictSame(group(datagrams, datagrams, idle), [])
  t.strictSame(group({}, datagrams), [], 'which matters in that mode only')
  const unknown = { ...described(), facts: kind }
  t.strictSame(group({}, unknown, idle), [{ kind: 'unknown-traffic', group: 'a' }])
})

t.test('a delay that does not fit into the grace period, once the pod can tell it', async (t) => {
  const short = { graceMs: 60 * s, reserveMs: 5 * s }
  const facts = (seconds: number) =>
    ({ deregistrationDelayMs: seconds * s, loadBalancer: 'application' }) as const
  const serves = { targets: [registered()] }
  const delay = (seconds: number) => ({ ...serves, facts: facts(seconds) })
  const untold = podSaid('cannot-tell')
  const told = (after: Partial<GroupProgress>, more: Partial<Progress> = untold, limits = {}) =>
    between(position(serves, more), position(after, more), { ...short, ...limits })
  const change = { kind: 'grace-too-short', group: 'a', delayMs: 300 * s, graceMs: 60 * s }
  t.strictSame(told(delay(300)), [{ ...change, neededMs: 325 * s }])
  const after = position(delay(300), untold)
  t.strictSame(between(after, after, short), [], 'said once')
  t.strictSame([told(delay(55)), told(delay(55.1)).length], [[], 1])
  t.strictSame(told(delay(300), untold, { releaseWhen: 'settled' }), [])
  const of = (changes: readonly { kind: string }[]) =>
    changes.filter(({ kind }) => kind === 'grace-too-short').length
  t.equal(of(told({ ...delay(300), targets: [] })), 0, 'the pod is not in it')
  t.equal(of(told({ ...delay(300), targets: [goneSince(5 * s)] })), 0, 'nor was it in service')
  const nodes = { ...delay(300), facts: { ...facts(300), targetType: 'instance' } } as const
  t.equal(of(told(nodes)), 0, 'nobody waits for the delay of a node')
  t.equal(of(told(delay(300), {})), 0, 'the pod may tell of more')
  t.equal(of(told(delay(300), podSaid('staying'))), 0, 'a restart has another')
  t.equal(of(told(delay(300), podSaid('deleting', { graceMs: 400 * s }))), 0)
  const unread = (kind: Parameters<typeof failure>[0]) => ({
    pod: { askedAtMs: 0, answeredAtMs: 0, failure: failure(kind) },
  })
  t.equal(of(told(delay(300), unread('denied'))), 1, 'it never will')
  t.equal(of(told(delay(300), unread('unreachable'))), 0)
  const late = { arrivedAtMs: 100 * s }
  const [before, then] = [position(serves, untold), position(delay(300), untold)]
  t.match(between(before, then, short, late), [{ graceMs: 60 * s }], 'whenever the hook came')
})

t.test('another pace, and when the next look comes', async (t) => {
  const look = (pace: Pace, atMs: number, group = 'a'): Ask => ({ kind: 'look', group, atMs, pace })
  const asking = (...asks: Ask[]): Position => {
    return { ...position(), verdict: { kind: 'hold', untilMs: 0, asks } }
  }
  const paced = (pace: Pace, atMs: number) => asking(look(pace, atMs))
  t.strictSame(between(paced('brisk', 12 * s), paced('asleep', 300 * s)), [
    { kind: 'pace', group: 'a', pace: 'asleep', inMs: 290 * s },
  ])
  t.strictSame(between(paced('brisk', 12 * s), paced('brisk', 14 * s)), [])
  t.strictSame(between(position(), paced('first', 10 * s)), [], 'of course')
  t.match(between(position(), paced('closing', 9 * s)), [{ inMs: 0 }])
  const describe: Ask = { kind: 'describe', group: 'a', wanted: ['kind'], atMs: 0 }
  const among = asking(describe, look('failing', 0, 'b'), look('asleep', 300 * s))
  t.match(between(paced('brisk', 12 * s), among), [{ group: 'a', pace: 'asleep' }])
  const over = { kind: 'release', outcome: { kind: 'settled' } } as const
  t.strictSame(between(paced('brisk', 12 * s), { ...position(), verdict: over }), [])
})

t.test('what the search comes to', async (t) => {
  const searched = (more: Partial<SearchProgress> = {}) => ({
    search: { askedAtMs: 0, answeredAtMs: 0, missing: [], narrowed: [], more: 0, ...more },
  })
  const found = { kind: 'found', groups: [], possible: [], more: 0 }
  const none = { groups: [], ...searched({ noneAtMs: 5 }) }
  t.strictSame(progress({ groups: [] }, none), [found])
  t.strictSame(progress(none, none), [])
  const maybe = { ...none, groups: [{ ...known, claim: 'possible' }] } as const
  const more = { ...maybe, ...searched({ noneAtMs: 5, more: 2 }) }
  t.strictSame(progress({ groups: [] }, more), [{ ...found, possible: ['a'], more: 2 }])
  const two = { ...searched(), groups: [known, { ...known, group: 'b' }] }
  t.strictSame(progress(searched(), two), [{ ...found, groups: ['a', 'b'] }])
  const nodes = beginGroup('b', 'bound', { targetType: 'instance' }, 0)
  t.match(progress(searched(), { ...two, groups: [known, nodes] }), [
    { kind: 'found' },
    { kind: 'nodes', group: 'b' },
  ])
  const down = searched({ missing: [failure('unreachable')] })
  t.match(progress({}, down), [{ kind: 'unsearched', failure: { kind: 'unreachable' } }])
  t.strictSame(progress(down, down), [])
  const [denied, narrowed] = (['missing', 'narrowed'] as const).map((what) =>
    searched({ [what]: [failure('denied')] }),
  )
  t.match(progress(down, denied ?? {}), [{ kind: 'unsearched', failure: { kind: 'denied' } }])
  t.match(progress(searched(), narrowed ?? {}), [{ kind: 'unsearched' }])
  t.strictSame(progress(denied ?? {}, narrowed ?? {}), [], 'said before')
})

t.test('what becomes of the pod itself', async (t) => {
  const told = (before: Partial<Progress>, after: Partial<Progress>) =>
    progress(before, after).filter(({ kind }) => kind.startsWith('pod'))
  const deleting = podSaid('deleting', { graceEndsAtMs: 60 * s })
  t.match(told({}, deleting), [{ kind: 'pod', seen: { deletion: 'deleting' } }])
  t.strictSame(told(deleting, deleting), [])
  const sooner = podSaid('deleting', { graceEndsAtMs: 30 * s })
  t.match(told(deleting, sooner), [{ seen: { graceEndsAtMs: 30 * s } }])
  t.match(told(podSaid('staying'), podSaid('deleting')), [{ kind: 'pod' }])
  t.strictSame(told({}, podSaid('cannot-tell')), [])
  const lost = podSaid('staying', {}, { failure: failure('unreachable') })
  t.match(told(podSaid('staying'), lost), [{ kind: 'pod-unseen' }])
  t.strictSame(told(lost, lost), [])
})

t.test('that it leaves: known of the pod, or else seen in its target groups', async (t) => {
  const told = (
    deletion: PodSeen['deletion'] | undefined,
    targets: GroupProgress['targets'] = [],
  ) => {
    const pod = deletion ? podSaid(deletion) : {}
    const before = position({ targets: [registered()] })
    return between(before, position({ targets }, pod)).filter(({ kind }) => kind === 'leaving')
      .length
  }
  const words = ['deleting', 'deleted', 'ending', 'staying', 'cannot-tell', undefined] as const
  t.strictSame(
    words.map((word) => told(word)),
    [1, 1, 1, 0, 0, 0],
  )
  const [drains, gone] = [drainingSince(5 * s), goneSince(5 * s)]
  t.strictSame(
    words.map((word) => told(word, [drains])),
    [1, 1, 1, 0, 1, 1],
  )
  t.equal(told('cannot-tell', [registered(), gone]), 1)
  const other = { ...known, group: 'b', targets: [registered()] }
  const [one, two] = [[registered()], [drains]].map((targets) =>
    position({}, { groups: [{ ...known, targets }, other] }),
  )
  t.match(one && two && between(one, two), [{ kind: 'phase' }, { kind: 'leaving' }])
  const leaving = position({ targets: [drains] })
  t.strictSame(
    between(leaving, position({ targets: [drains] }, podSaid('deleting'))).length,
    1,
    'once',
  )
})

t.test('connections that cannot be counted: said once', async (t) => {
  const counted = { askedAtMs: 0, idleSinceMs: new Map() }
  const blind = { connections: { ...counted, failure: failure('unreachable') } }
  t.match(progress({}, blind), [{ kind: 'uncounted', failure: { kind: 'unreachable' } }])
  t.strictSame(progress(blind, blind), [])
  t.strictSame(progress({}, { connections: counted }), [])
})
