import t from 'tap'
import type { Ask } from '../../src/drain/asks.ts'
import { changesBetween, type Position } from '../../src/drain/changes.ts'
import type { Limits } from '../../src/drain/limits.ts'
import type { Pace } from '../../src/drain/pace.ts'
import type { PodSeen } from '../../src/drain/ports.ts'
import { begin, beginGroup, type GroupProgress, type Progress } from '../../src/drain/progress.ts'
import { roomy } from '../support/drain-under-test.ts'
import { failed, failure } from '../support/scripted-balancer.ts'

const s = 1_000
const known = beginGroup('a', {}, 0)

function position(group: Partial<GroupProgress> = {}, more: Partial<Progress> = {}): Position {
  const progress = { ...begin([], 0), groups: [{ ...known, ...group }], ...more }
  return { progress, verdict: { kind: 'hold', untilMs: 0, asks: [] } }
}
const between = (before: Position, after: Position, limits: Partial<Limits> = {}) =>
  changesBetween(before, after, 10 * s, { ...roomy, ...limits })
const group = (before: Partial<GroupProgress>, after: Partial<GroupProgress>, limits = {}) =>
  between(position(before), position(after), limits)
const progress = (before: Partial<Progress>, after: Partial<Progress>) =>
  between(position({}, before), position({}, after))

const target = { group: 'a', id: '10.0.1.7', port: 8080 }
const at = (state: string, kind: 'registered' | 'draining' | 'gone', port = 8080) => {
  const named = { ...target, port }
  return { target: named, sighting: { target: named, state }, phase: { kind } }
}

t.test('nothing new: nothing is said', async (t) => {
  const targets = [at('healthy', 'registered')]
  t.strictSame(group({ targets }, { targets }), [])
})

t.test('a target is told of when its phase or its state is another', async (t) => {
  const told = (before: GroupProgress['targets'], after: GroupProgress['targets']) =>
    group({ targets: before }, { targets: after })
  const serves = at('healthy', 'registered')
  t.match(told([], [serves]), [{ kind: 'phase', sighting: serves.sighting, phase: serves.phase }])
  t.match(told([at('initial', 'registered')], [serves]), [{ sighting: { state: 'healthy' } }])
  t.match(told([at('unhealthy', 'registered')], [at('unhealthy', 'gone')]), [{ kind: 'phase' }])
  const other = at('healthy', 'registered', 9090)
  t.strictSame(told([serves], [serves, other]).length, 1)
  t.match(told([serves], [serves, other]), [{ sighting: { target: { port: 9090 } } }])
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

t.test('what cannot be learnt of a group: each kind of reason once', async (t) => {
  const described = (...kinds: Parameters<typeof failure>[0][]) => ({
    described: { answeredAtMs: 0, times: 1, missing: kinds.map(failure) },
  })
  t.match(group({}, described('denied')), [{ kind: 'undescribed', failure: { kind: 'denied' } }])
  t.strictSame(group(described('denied'), described('denied')), [])
  t.match(group(described('denied'), described('denied', 'throttled')), [
    { kind: 'undescribed', failure: { kind: 'throttled' } },
  ])
})

t.test(
  'a load balancer of a kind that may not be asked for: said, with its settle time',
  async (t) => {
    const described = (...kinds: Parameters<typeof failure>[0][]) => ({
      described: { answeredAtMs: 0, times: 1, missing: kinds.map(failure) },
    })
    const guesses = (...of: Parameters<typeof group>) =>
      group(...of).filter(({ kind }) => kind === 'guessed')
    const denied = described('denied')
    t.strictSame(guesses({}, denied), [{ kind: 'guessed', group: 'a', settleMs: 20 * s }])
    t.strictSame(guesses(denied, denied), [])
    t.strictSame(guesses({}, denied, { settleMs: 30 * s }), [], 'it is set')
    t.strictSame(guesses({}, { ...denied, facts: { loadBalancer: 'network' } }), [], 'it is known')
    t.strictSame(guesses({}, described('throttled')), [], 'it may be told yet')
  },
)

t.test('groups of nodes, and of what has no connections', async (t) => {
  const nodes = { facts: { targetType: 'instance' } } as const
  t.strictSame(group({}, nodes), [{ kind: 'nodes', group: 'a' }])
  t.strictSame(group(nodes, nodes), [])
  const datagrams = { facts: { traffic: 'datagrams' } } as const
  const idle = { releaseWhen: 'idle' } as const
  t.strictSame(group({}, datagrams, idle), [{ kind: 'datagrams', group: 'a' }])
  t.strictSame(group(datagrams, datagrams, idle), [])
  t.strictSame(group({}, datagrams), [], 'which matters in that mode only')
})

t.test('a delay that does not fit into the grace period', async (t) => {
  const serves = { targets: [{ ...at('healthy', 'registered'), registeredAtMs: 0 }] }
  const delay = (seconds: number, more: Partial<GroupProgress> = {}) => ({
    ...{ ...serves, facts: { deregistrationDelayMs: seconds * s } },
    ...more,
  })
  const short = { graceMs: 60 * s, reserveMs: 5 * s }
  const pod = (deletion: PodSeen['deletion']) => ({
    pod: { askedAtMs: 0, answeredAtMs: 0, seen: { kind: 'pod', deletion } as const },
  })
  const told = (before: Partial<GroupProgress>, after: Partial<GroupProgress>, limits = {}) =>
    between(
      position({ ...serves, ...before }, pod('cannot-tell')),
      position(after, pod('cannot-tell')),
      {
        ...short,
        ...limits,
      },
    )
  t.strictSame(told({}, delay(300)), [
    {
      ...{ kind: 'grace-too-short', group: 'a' },
      ...{ delayMs: 300 * s, graceMs: 60 * s, neededMs: 315 * s },
    },
  ])
  t.strictSame(told(delay(300), delay(300)), [])
  t.strictSame(told({}, delay(55)), [])
  t.equal(told({}, delay(55.1)).length, 1)
  t.strictSame(told({}, delay(300), { releaseWhen: 'settled' }), [])
  const waits = (more: Partial<GroupProgress>) =>
    between(position({}, pod('cannot-tell')), position(delay(300, more), pod('cannot-tell')), short)
  const nodes = { facts: { deregistrationDelayMs: 300 * s, targetType: 'instance' } } as const
  const of = (changes: readonly { kind: string }[]) =>
    changes.filter(({ kind }) => kind === 'grace-too-short').length
  t.equal(of(waits({})), 1)
  t.equal(of(waits({ targets: [] })), 0, 'the pod is not in it')
  t.equal(of(waits({ targets: [at('unhealthy', 'gone')] })), 0, 'nor was it in service')
  t.equal(of(waits(nodes)), 0, 'nobody waits for the delay of a node')
  const late = { startedAtMs: 100 * s, joinedAtMs: 100 * s, ...pod('deleting') }
  t.match(
    between(position(serves, late), position(delay(300), late), short),
    [{ graceMs: 60 * s }],
    'whenever the drain began',
  )
  const [unasked, unsure] = [position(delay(300)), position(delay(300), pod('cannot-tell'))]
  t.strictSame(between(position(serves), unasked, short), [], 'the pod may tell of more')
  t.equal(between(unasked, unsure, short)[0]?.kind, 'grace-too-short', 'it did not')
  const failing = (kind: Parameters<typeof failure>[0]) =>
    position(delay(300), { pod: { askedAtMs: 0, answeredAtMs: 0, failure: failure(kind) } })
  t.match(
    between(position(serves), failing('denied'), short).map(({ kind }) => kind),
    ['grace-too-short', 'pod-unseen'],
    'it never will',
  )
  t.strictSame(
    between(position(serves), failing('unreachable'), short).map(({ kind }) => kind),
    ['pod-unseen'],
  )
  const stays = position(delay(300), pod('staying'))
  t.strictSame(between(position(delay(300), pod('staying')), stays, short), [])
})

t.test('another pace, and when the next look comes', async (t) => {
  const look = (pace: Pace, atMs: number, group = 'a'): Ask => {
    return { kind: 'look', group, view: { kind: 'listing' }, atMs, pace }
  }
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
  const describe: Ask = { kind: 'describe', group: 'a', known: {}, atMs: 0 }
  const among = asking(describe, look('failing', 0, 'b'), look('asleep', 300 * s))
  t.match(between(paced('brisk', 12 * s), among), [{ group: 'a', pace: 'asleep' }])
  const over = { kind: 'release', outcome: { kind: 'settled' } } as const
  t.strictSame(between(paced('brisk', 12 * s), { ...position(), verdict: over }), [])
})

t.test('what the search comes to', async (t) => {
  const searched = (more: object) => ({
    search: { askedAtMs: 0, answeredAtMs: 0, missing: [], narrowed: [], ...more },
  })
  const down = { missing: [failure('unreachable')] }
  const none = { kind: 'found', groups: [] }
  const empty = { groups: [] }
  t.strictSame(progress(empty, { ...empty, ...searched({ noneAtMs: 5 }) }), [none])
  const again = { ...empty, ...searched({ noneAtMs: 5 }) }
  t.strictSame(progress(again, again), [])
  t.match(progress({}, searched(down)), [{ kind: 'unsearched', failure: { kind: 'unreachable' } }])
  t.strictSame(progress(searched(down), searched(down)), [])
  const partly = searched({ missing: [failure('denied')] })
  t.match(progress(searched(down), partly), [{ kind: 'unsearched', failure: { kind: 'denied' } }])
  t.strictSame(progress(partly, partly), [])
  const narrowed = searched({ narrowed: [failure('denied')] })
  t.match(progress(searched({}), narrowed), [{ kind: 'unsearched', failure: { kind: 'denied' } }])
  t.strictSame(progress(partly, narrowed), [], 'said before')
  const more = { ...searched({}), groups: [known, beginGroup('b', {}, 0)] }
  t.strictSame(progress(searched({}), more), [{ kind: 'found', groups: ['a', 'b'] }])
  const nodes = { groups: [known, beginGroup('b', { targetType: 'instance' }, 0)] }
  t.match(progress(searched({}), { ...more, ...nodes }), [
    { kind: 'found' },
    { kind: 'nodes', group: 'b' },
  ])
})

t.test('what becomes of the pod itself', async (t) => {
  const pod = (seen: Omit<PodSeen, 'kind'>, more = {}) => ({
    pod: { askedAtMs: 0, answeredAtMs: 0, seen: { kind: 'pod', ...seen } as PodSeen, ...more },
  })
  const deleting = pod({ deletion: 'deleting', graceEndsAtMs: 60 * s })
  t.match(progress({}, deleting), [{ kind: 'pod', seen: { deletion: 'deleting' } }])
  t.strictSame(progress(deleting, deleting), [])
  const sooner = pod({ deletion: 'deleting', graceEndsAtMs: 30 * s })
  t.match(progress(deleting, sooner), [{ seen: { graceEndsAtMs: 30 * s } }])
  t.match(progress(pod({ deletion: 'staying' }), deleting), [{ kind: 'pod' }])
  t.match(progress(pod({ deletion: 'staying' }), pod({ deletion: 'deleting' })), [{ kind: 'pod' }])
  t.strictSame(progress({}, pod({ deletion: 'cannot-tell' })), [])
  const lost = pod({ deletion: 'staying' }, { failed, failure: failure('unreachable') })
  t.match(progress(pod({ deletion: 'staying' }), lost), [{ kind: 'pod-unseen' }])
  t.strictSame(progress(lost, lost), [])
})

t.test('connections that cannot be counted: said once', async (t) => {
  const blind = {
    connections: { askedAtMs: 0, idleSinceMs: new Map(), failure: failure('unreachable') },
  }
  t.match(progress({}, blind), [{ kind: 'uncounted', failure: { kind: 'unreachable' } }])
  t.strictSame(progress(blind, blind), [])
  const sees = { connections: { askedAtMs: 0, idleSinceMs: new Map() } }
  t.strictSame(progress({}, sees), [])
})
