import t from 'tap'
import type { Limits } from '../../../src/drain/judgement/limits.ts'
import type {
  ConnectionsProgress,
  GroupProgress,
  PodProgress,
  Progress,
} from '../../../src/drain/knowledge/progress.ts'
import { answerTo } from '../../../src/drain/loop/answers.ts'
import type { PodSeen, Ports } from '../../../src/drain/ports.ts'
import { kindOf } from '../../../src/drain/protocol.ts'
import { type Ask, nameOf } from '../../../src/drain/questions/ask.ts'
import { questions } from '../../../src/drain/questions/asks.ts'
import {
  drainingSince,
  goneSince,
  groupWith,
  knowing,
  podSaid,
  registered,
  s,
  targetIn,
  within,
} from '../../support/known.ts'
import { failed, failure } from '../../support/scripted-balancer.ts'

const hook = { arrivedAtMs: 10 * s }

/** A drain that began at ten seconds, of a pod of which nothing can be told. */
const drain = (group: Partial<GroupProgress>, more: Partial<Progress> = {}) =>
  knowing([groupWith([], group)], {
    ...{ startedAtMs: 10 * s, joinedAtMs: 10 * s },
    ...podSaid('cannot-tell'),
    ...more,
  })

/** At which seconds questions of this kind are put. */
function asked(kind: Ask['kind'], known: Progress, limits: Partial<Limits> = {}) {
  return questions(known, hook, within({ spread: 0.5, ...limits }))
    .filter((ask) => ask.kind === kind)
    .map(({ atMs }) => atMs / s)
}

const described = (times: number, ...kinds: Parameters<typeof failure>[0][]) => ({
  described: { answeredAtMs: 30 * s, times, missing: kinds.map(failure) },
})
const leaving: Partial<GroupProgress> = { targets: [drainingSince(20 * s)] }

t.test('a group is described when the pod leaves, or has served for long', async (t) => {
  const describes = (group: Partial<GroupProgress>, more = {}) =>
    asked('describe', drain(group, more))
  t.strictSame(describes({ targets: [registered()] }), [40])
  t.strictSame(describes({ targets: [registered(), drainingSince(28 * s)] }), [40])
  t.strictSame(describes({ targets: [registered()] }, podSaid('staying')), [], 'it does not leave')
  t.strictSame(describes({ targets: [drainingSince(22 * s)] }), [28])
  t.strictSame(describes({ targets: [drainingSince(33 * s)] }), [33])
  t.strictSame(describes({ targets: [goneSince(23 * s)] }), [23])
  t.strictSame(describes({ absentAtMs: 21 * s }), [21])
  t.strictSame(describes({ absentAtMs: 21 * s, claim: 'possible' }), [21], 'it may have just left')
  const { truth: _none, ...unseen } = groupWith([])
  t.strictSame(
    asked('describe', { ...drain({}), groups: [unseen] }),
    [],
    'not before the first look',
  )
  const nodes = { facts: { targetType: 'instance' }, knownAtMs: 12 * s } as const
  t.strictSame(describes(nodes), [12], 'nobody looks at nodes')
})

t.test('what is known, or is no matter, is not asked for', async (t) => {
  const wanted = (facts: GroupProgress['facts'], limits = {}, more = leaving) => {
    const [ask] = questions(drain({ facts, ...more }), hook, within(limits))
    return ask?.kind === 'describe' ? ask.wanted : []
  }
  const kind = { ...kindOf('TCP'), targetType: 'ip' } as const
  const delay = { deregistrationDelayMs: 5 * s }
  t.strictSame(wanted({}), ['delay', 'kind'])
  t.strictSame(wanted(kind), ['delay'])
  t.strictSame(wanted({ ...delay, loadBalancer: 'network' }), ['kind'], 'not all of it is known')
  t.strictSame(wanted({ ...delay, ...kind }), [])
  const settled = { releaseWhen: 'settled' } as const
  t.strictSame(wanted({}, settled), ['kind'], 'nobody waits for the delay')
  t.strictSame(wanted(kind, settled), [])
  t.strictSame(wanted({}, settled, { absentAtMs: 21 * s }), ['delay', 'kind'], 'but for an absence')
})

t.test('what is missing of a description is asked for again', async (t) => {
  const again = (...of: Parameters<typeof described>) =>
    asked('describe', drain({ ...leaving, ...described(...of), throttled: of[0] }))
  t.strictSame(again(1, 'unreachable'), [40])
  t.strictSame(again(3, 'denied'), [60], 'ever more seldom')
  t.strictSame(again(1, 'throttled'), [50])
  t.strictSame(again(2, 'denied', 'throttled'), [70])
})

t.test('a description costs calls that the neighbours need', async (t) => {
  const describes = (group: Partial<GroupProgress>, limits = {}) =>
    asked('describe', drain({ ...leaving, ...group }), limits)
  t.strictSame(describes({ failure: failed('throttled') }), [])
  t.strictSame(describes({ failure: failed('unreachable') }), [28])
  t.strictSame(describes({ othersDraining: 14 }), [28])
  t.strictSame(describes({ othersDraining: 19 }), [30])
  t.strictSame(describes({ othersDraining: 99 }), [38], 'spread over 20 s')
  const seconds = (graceMs: number) => describes({ othersDraining: 99 }, { graceMs: graceMs * s })
  t.strictSame(seconds(43), [38], 'all of them can, by 48')
  const wanted = (graceMs: number) =>
    questions(
      drain({ ...leaving, othersDraining: 99 }),
      hook,
      within({ spread: 0.5, graceMs: graceMs * s }),
    )
  t.match(wanted(43), [{ wanted: ['delay', 'kind'] }])
  t.match(wanted(42.9), [{ wanted: ['kind'] }], 'not all of them can; but the kind bounds the wait')
  const known = { ...kindOf('HTTP'), targetType: 'ip' } as const
  const delay = (graceMs: number) =>
    describes({ othersDraining: 99, facts: known }, { graceMs: graceMs * s })
  t.strictSame(delay(65), [60], 'the controller has twice its time')
  t.strictSame(delay(64.9), [])
})

t.test('connections are counted from shortly before they matter', async (t) => {
  const facts = { ...kindOf('HTTP'), targetType: 'ip' } as const
  const idle = { releaseWhen: 'idle' } as const
  const counts = (group: Partial<GroupProgress>, connections?: ConnectionsProgress) =>
    asked('count', drain({ facts, ...group }, connections ? { connections } : {}), idle)
  t.strictSame(counts(leaving), [35], 'settled at 40, idle for 5')
  t.strictSame(asked('count', drain({ facts, ...leaving })), [], 'in that mode only')
  t.strictSame(counts({ targets: [registered(), goneSince(20 * s)] }), [])
  t.strictSame(counts({ ...leaving, facts: kindOf('UDP') }), [])
  t.strictSame(counts({ ...leaving, facts: {} }), [], 'it may be datagrams')
  const counted = (second: number, more: Partial<ConnectionsProgress> = {}) => {
    return { askedAtMs: second * s, idleSinceMs: new Map(), ...more }
  }
  t.strictSame(counts(leaving, counted(36)), [37])
  t.strictSame(counts(leaving, counted(36, { failure: failure('unreachable') })), [46])
  const late = targetIn('draining', { drainingAtMs: 25 * s }, 9090)
  const two = { facts, targets: [late, drainingSince(20 * s), goneSince(20 * s)] }
  t.strictSame(counts(two), [35], 'from the first of them')
  const ask = questions(drain(two), hook, within(idle)).find(({ kind }) => kind === 'count')
  t.match(ask, { ports: [9090, 8080] })
})

t.test('the pod is read again and again, and at the bound of a restart', async (t) => {
  const reads = (pod: Partial<PodProgress> | undefined, more: Partial<Progress> = {}) => {
    const { pod: _known, ...unknown } = drain({}, more)
    return asked('pod', pod ? { ...unknown, ...podSaid('staying', {}, pod) } : unknown)
  }
  const read = (second: number, more: Partial<PodProgress> = {}) => {
    return { askedAtMs: second * s, answeredAtMs: (second + 1) * s, ...more }
  }
  t.strictSame(reads(undefined), [10])
  t.strictSame(reads(read(12)), [18])
  t.strictSame(reads(read(21)), [25], 'the bound')
  t.strictSame(reads(read(25)), [31])
  t.strictSame(reads(read(12), { joinedAtMs: 16 * s }), [16], 'at once for another hook')
  t.strictSame(reads(read(12), { joinedAtMs: 12.5 * s }), [14], 'but no more than each second')
  const down = { failure: failure('unreachable') }
  t.strictSame(reads(read(12, down)), [23])
  t.strictSame(reads(read(12, down), { joinedAtMs: 16 * s }), [16])
})

t.test('a pod that is being deleted is read more seldom', async (t) => {
  const reads = (deletion: PodSeen['deletion'], limits: Partial<Limits> = {}) => {
    const at = { askedAtMs: 20 * s, answeredAtMs: 20 * s }
    const pod = podSaid(deletion, { graceEndsAtMs: 500 * s }, at)
    return asked('pod', drain({}, { ...pod, joinedAtMs: 22 * s }), limits)
  }
  t.strictSame(reads('deleting'), [35], 'nor for another hook')
  t.strictSame(reads('deleting', { spread: 0 }), [31.25], 'those that began together spread')
  t.strictSame(reads('deleting', { spread: 1 }), [38.75])
  const left = (seconds: number) => ({ reserveMs: (480 - seconds) * s })
  t.strictSame(reads('deleting', left(40)), [30], 'a short time is watched more closely')
  t.strictSame(reads('deleting', left(4)), [25])
  t.strictSame(reads('ending'), [22], 'it may be deleted yet')
  t.strictSame(reads('deleted'), [])
  t.strictSame(reads('cannot-tell'), [])
})

const { signal } = new AbortController()
const asks = {
  look: { kind: 'look', group: 'a', atMs: 0, pace: 'first' },
  describe: { kind: 'describe', group: 'a', wanted: ['kind'], atMs: 0 },
  count: { kind: 'count', ports: [8080], atMs: 0 },
  search: { kind: 'search', atMs: 0 },
  pod: { kind: 'pod', atMs: 0 },
} as const satisfies Record<Ask['kind'], Ask>

const answers = {
  look: { kind: 'seen', sightings: [], group: 'serving', othersDraining: 0 },
  describe: { kind: 'described', facts: { deregistrationDelayMs: 1 }, missing: [] },
  count: { kind: 'counted', established: new Map([[8080, 1]]) },
  search: { kind: 'found', groups: [], more: 0, missing: [], narrowed: [] },
  pod: { kind: 'pod', deletion: 'staying' },
} as const

t.test('each question is put to its port, one of a name at a time', async (t) => {
  const put: unknown[][] = []
  const noted = <T>(answer: T) => {
    return async (...question: unknown[]) => {
      put.push(question)
      return answer
    }
  }
  const ports: Ports = {
    balancer: { look: noted(answers.look), describe: noted(answers.describe) },
    connections: { count: noted(answers.count) },
    search: { find: noted(answers.search) },
    pod: { look: noted(answers.pod) },
  }
  const facts = await Promise.all(Object.values(asks).map((ask) => answerTo(ask, ports, signal)))
  t.strictSame(facts, [
    { kind: 'looked', group: 'a', answer: answers.look },
    { kind: 'described', group: 'a', answer: answers.describe },
    { kind: 'counted', answer: answers.count },
    { kind: 'searched', answer: answers.search },
    { kind: 'pod', answer: answers.pod },
  ])
  t.strictSame(put, [['a', signal], ['a', ['kind'], signal], [[8080]], [signal], [signal]])
  const names = Object.values(asks).map(nameOf)
  t.strictSame(names, ['look a', 'describe a', 'count', 'search', 'pod'])
})

t.test('a port that throws, against its contract, has given no answer', async (t) => {
  const fail = async () => {
    throw new Error('a bug')
  }
  const broken: Ports = {
    balancer: { look: fail, describe: fail },
    connections: { count: fail },
    search: { find: fail },
    pod: { look: fail },
  }
  const malformed = { kind: 'malformed', said: 'internal error: Error: a bug' }
  const expected: Partial<Record<Ask['kind'], object>> = {
    describe: { kind: 'described', facts: {}, missing: [malformed] },
    search: { ...answers.search, missing: [malformed] },
  }
  for (const ask of Object.values(asks)) {
    const fact = await answerTo(ask, broken, signal)
    t.strictSame('answer' in fact && fact.answer, expected[ask.kind] ?? malformed, ask.kind)
  }
})
