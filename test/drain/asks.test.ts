import t from 'tap'
import { type Ask, questions } from '../../src/drain/asks.ts'
import type { Limits } from '../../src/drain/limits.ts'
import type { PodSeen } from '../../src/drain/ports.ts'
import {
  begin,
  beginGroup,
  type ConnectionsProgress,
  type GroupProgress,
  type PodProgress,
  type Progress,
  type TargetProgress,
} from '../../src/drain/progress.ts'
import { kindOf } from '../../src/drain/protocol.ts'
import { roomy } from '../support/drain-under-test.ts'
import { failed, failure } from '../support/scripted-balancer.ts'

const s = 1_000
const ref = { group: 'a', id: '10.0.1.7', port: 8080 }

function target(
  kind: 'registered' | 'draining' | 'gone',
  atSecond = 20,
  port = 8080,
): TargetProgress {
  const named = { ...ref, port }
  const base = { target: named, sighting: { target: named, state: kind }, phase: { kind } }
  if (kind === 'registered') return base
  return kind === 'draining'
    ? { ...base, drainingAtMs: atSecond * s }
    : { ...base, gone: { atMs: atSecond * s } }
}

/** A drain that began at ten seconds, of a group of which a look has told something. */
function drain(group: Partial<GroupProgress>, more: Partial<Progress> = {}): Progress {
  const truth = { askedAtMs: 20 * s, about: 'group' } as const
  const pod = {
    askedAtMs: 0,
    answeredAtMs: 0,
    seen: { kind: 'pod', deletion: 'cannot-tell' },
  } as const
  return {
    ...begin([], 10 * s),
    groups: [{ ...beginGroup('a', {}, 0), truth, ...group }],
    search: { askedAtMs: 0, answeredAtMs: 0, missing: [], narrowed: [] },
    ...{ pod, ...more },
  }
}

/** [what, at which second] of each question of these kinds. */
function asked(kind: Ask['kind'], of: Progress, limits: Partial<Limits> = {}) {
  return questions(of, { ...roomy, ...limits })
    .filter((ask) => ask.kind === kind)
    .map(({ atMs }) => atMs / s)
}

const tried = (times: number, kind?: Parameters<typeof failure>[0]) => ({
  described: { answeredAtMs: 30 * s, times, missing: kind ? [failure(kind)] : [] },
})

t.test(
  'a group is described when the pod goes out of service, or has served for long',
  async (t) => {
    const describes = (group: Partial<GroupProgress>, limits: Partial<Limits> = {}) =>
      asked('describe', drain(group), limits)
    t.strictSame(describes({ targets: [target('registered')] }), [25])
    t.strictSame(describes({ targets: [target('draining', 22)] }), [22])
    t.strictSame(describes({ targets: [target('gone', 23)] }), [23])
    t.strictSame(describes({ targets: [target('registered'), target('draining', 28)] }), [28])
    t.strictSame(describes({ absentAtMs: 21 * s }), [21])
    t.strictSame(asked('describe', begin(['a'], 0)), [], 'not before the first look')
    const known = { facts: { loadBalancer: 'network' } } as const
    const [ask] = questions(drain({ targets: [target('draining')], ...known }), roomy)
    t.match(ask, { kind: 'describe', group: 'a', known: known.facts })
  },
)

t.test('what is missing of a description is asked for again', async (t) => {
  const again = (described: object, group: Partial<GroupProgress> = {}) =>
    asked('describe', drain({ targets: [target('draining')], ...described, ...group }))
  t.strictSame(again(tried(1)), [], 'nothing is')
  t.strictSame(again(tried(1, 'unreachable')), [40])
  t.strictSame(again(tried(3, 'denied')), [60], 'ever more seldom')
  t.strictSame(again(tried(1, 'throttled')), [130])
  t.strictSame(again(tried(2, 'throttled')), [190])
  const both = [failure('denied'), failure('throttled')]
  t.strictSame(again({ described: { answeredAtMs: 30 * s, times: 1, missing: both } }), [130])
  const late = drain({ targets: [target('draining')], ...tried(1, 'throttled') })
  t.strictSame(asked('describe', late, { graceMs: 85 * s }), [50], 'a third of what is left')
})

t.test('a description costs calls that the neighbours need', async (t) => {
  const describes = (group: Partial<GroupProgress>) => asked('describe', drain(group))
  const throttled = { failed, failure: failed('throttled') }
  t.strictSame(describes({ targets: [target('draining')], ...throttled }), [])
  const down = { failure: failed('unreachable') }
  t.strictSame(describes({ targets: [target('draining')], ...down }), [20])
  t.strictSame(describes({ targets: [target('draining', 20)], othersDraining: 99 }), [30], 'spread')
  t.strictSame(describes({ targets: [target('draining', 20)], othersDraining: 49 }), [20])
  const answers = { ...beginGroup('a', {}, 0).answers, throttled: 1 }
  t.strictSame(describes({ answers, absentAtMs: 20 * s }), [120], 'later, for an absence')
  const facts = { loadBalancer: 'application' } as const
  t.strictSame(describes({ answers, absentAtMs: 20 * s, facts }), [], 'or not at all')
  t.strictSame(describes({ answers, targets: [target('draining', 20)] }), [20])
})

t.test('connections are counted from shortly before they matter', async (t) => {
  const facts = kindOf('HTTP')
  const idle = { releaseWhen: 'idle' } as const
  const counts = (group: Partial<GroupProgress>, connections?: ConnectionsProgress) =>
    asked('count', drain({ facts, ...group }, connections ? { connections } : {}), idle)
  const draining = { targets: [target('draining', 20)] }
  t.strictSame(counts(draining), [35], 'settled at 40, idle for 5')
  t.strictSame(asked('count', drain({ facts, ...draining })), [], 'in that mode only')
  t.strictSame(counts({ targets: [target('registered'), target('gone')] }), [])
  t.strictSame(counts({ ...draining, facts: kindOf('UDP') }), [])
  t.strictSame(counts({ ...draining, facts: {} }), [], 'it may be datagrams')
  const counted = (second: number, more = {}) =>
    ({ askedAtMs: second * s, idleSinceMs: new Map(), ...more }) as ConnectionsProgress
  t.strictSame(counts(draining, counted(36)), [37])
  t.strictSame(counts(draining, counted(36, { failure: failure('unreachable') })), [46])
  const two = { targets: [target('draining', 25, 9090), target('draining', 20), target('gone')] }
  t.strictSame(counts(two), [35], 'from the first of them')
  const [ask] = questions(drain({ facts, ...two, ...tried(1) }), { ...roomy, ...idle })
  t.match(ask, { kind: 'count', ports: [9090, 8080] })
})

t.test('the pod is read again and again, and at the bound of a restart', async (t) => {
  const reads = (pod?: PodProgress) => {
    const { pod: _known, ...unknown } = drain({ ...tried(1) })
    return asked('pod', pod ? { ...unknown, pod } : unknown)
  }
  const read = (second: number, more: Partial<PodProgress> = {}): PodProgress => ({
    ...{ askedAtMs: second * s, answeredAtMs: (second + 1) * s },
    seen: { kind: 'pod', deletion: 'staying' },
    ...more,
  })
  t.strictSame(reads(), [10])
  t.strictSame(reads(read(12)), [18])
  t.strictSame(reads(read(21)), [25], 'the bound')
  t.strictSame(reads(read(25)), [31])
  t.strictSame(reads(read(12, { failure: failure('unreachable') })), [23])
  t.strictSame(reads(read(12, { seen: { kind: 'pod', deletion: 'cannot-tell' } })), [])
})

t.test('a pod that is being deleted is read more seldom', async (t) => {
  const reads = (deletion: PodSeen['deletion'], more: Partial<Progress> = {}, limits = {}) => {
    const seen = { kind: 'pod', deletion, graceEndsAtMs: 500 * s } as const
    const pod = { askedAtMs: 20 * s, answeredAtMs: 20 * s, seen }
    return asked('pod', drain({ ...tried(1) }, { pod, ...more }), limits)
  }
  t.strictSame(reads('deleting'), [35])
  t.strictSame(reads('deleting', {}, { spread: 0 }), [31.25], 'those that began together spread')
  t.strictSame(reads('deleting', {}, { spread: 1 }), [38.75])
  const left = (leftMs: number) => ({ reserveMs: 480 * s - leftMs })
  t.strictSame(reads('deleting', {}, left(40 * s)), [30], 'a short time is watched more closely')
  t.strictSame(reads('deleting', {}, left(4 * s)), [25])
  t.strictSame(reads('deleted'), [])
  t.strictSame(reads('deleting', { joinedAtMs: 22 * s }), [22], 'anew for another hook')
  t.strictSame(reads('cannot-tell', { joinedAtMs: 22 * s }), [])
})
