import t from 'tap'
import { learn } from '../../../src/drain/knowledge/learn.ts'
import { begin, type Fact, type Progress } from '../../../src/drain/knowledge/progress.ts'
import type {
  Counted,
  Described,
  Failure,
  Found,
  FoundGroup,
  Seen,
} from '../../../src/drain/ports.ts'
import { nothing } from '../../support/drain-under-test.ts'
import { ref, s } from '../../support/known.ts'
import { failure } from '../../support/scripted-balancer.ts'

type At = readonly [second: number, fact: object]

/** Each fact was asked for at its second, and answered half a second later. */
function all(facts: readonly At[], groups = ['a']): Progress {
  return facts.reduce(
    (progress, [second, fact]) => {
      const times = { askedAtMs: second * s, answeredAtMs: (second + 0.5) * s }
      return learn(progress, { ...fact, ...times } as Fact)
    },
    begin(groups, 0),
  )
}
const looked = (answer: Seen | Failure, group = 'a') => ({ kind: 'looked', group, answer })
const seen = (states: Record<number, string>, more: Partial<Seen> = {}): Seen => ({
  kind: 'seen',
  sightings: Object.entries(states).map(([port, state]) => ({
    target: { ...ref, port: Number(port) },
    state,
  })),
  ...{ group: 'serving', othersDraining: 0, ...more },
})
const empty = looked(seen({}))
const after = (...facts: At[]) => {
  const [group] = all(facts).groups
  if (!group) throw new Error('no group')
  return group
}

t.test('looks are counted by answer, with their time', async (t) => {
  const group = after(
    [1, looked(seen({ 8080: 'healthy' }))],
    [2, looked(failure('throttled'))],
    [3, looked(failure('throttled'))],
    [4, looked(failure('denied'))],
    [5, looked(failure('denied'))],
  )
  const counts = { seen: 1, throttled: 2, denied: 2, unreachable: 0, gone: 0, malformed: 0 }
  t.strictSame(group.answers, counts)
  t.match(group, { throttled: 2, lookingMs: 2_500, attempt: { askedAtMs: 5 * s } })
  t.match(group.failure, { last: { kind: 'denied' }, inARow: 4 })
  t.equal(after([1, looked(failure('denied'))], [2, empty]).failure, undefined)
})

t.test('since when the API has not answered; to refuse too many calls is an answer', async (t) => {
  const since = (...kinds: Failure['kind'][]) =>
    after(...kinds.map((kind, nth) => [nth + 1, looked(failure(kind))] as const)).failure
      ?.outageAtMs
  t.equal(since('unreachable', 'denied', 'throttled'), 0, 'since it was to be asked')
  t.equal(since('throttled', 'unreachable', 'unreachable'), 2 * s, 'since it was asked')
  t.equal(after([1, empty], [2, looked(failure('denied'))]).failure?.outageAtMs, 2 * s)
})

t.test('descriptions add up', async (t) => {
  const described = (missing: Failure[], facts = {}) => ({
    ...{ kind: 'described', group: 'a' },
    answer: { kind: 'described', facts, missing } satisfies Described,
  })
  const group = after(
    [1, described([failure('throttled'), failure('denied')], { loadBalancer: 'network' })],
    [2, described([failure('throttled'), failure('throttled')], { deregistrationDelayMs: 5 })],
    [3, described([])],
  )
  t.equal(group.throttled, 3)
  t.strictSame(group.facts, { loadBalancer: 'network', deregistrationDelayMs: 5 })
  t.strictSame(group.described, { answeredAtMs: 3.5 * s, times: 3, missing: [] })
})

t.test('what a listing leaves out is gone; in a deleted group everything is', async (t) => {
  const both = [1, looked(seen({ 8080: 'draining', 9090: 'draining' }))] as const
  const phases = (fact: object) =>
    after(both, [2, fact]).targets.map(({ target: { port }, phase, sighting }) => {
      return [port, phase.kind, sighting.reason]
    })
  t.strictSame(phases(looked(seen({ 8080: 'draining' }))), [
    [8080, 'draining', undefined],
    [9090, 'gone', 'Target.NotRegistered'],
  ])
  t.strictSame(phases(looked(failure('gone'))), [
    [8080, 'gone', 'TargetGroupNotFound'],
    [9090, 'gone', 'TargetGroupNotFound'],
  ])
  t.strictSame(phases(looked(failure('unreachable'))), [
    [8080, 'draining', undefined],
    [9090, 'draining', undefined],
  ])
})

t.test(
  'the group itself: how many others drain, what its targets are, whether it is',
  async (t) => {
    const known = looked(seen({ 8080: 'healthy' }, { othersDraining: 3, targetType: 'ip' }))
    t.match(after([1, known]), { othersDraining: 3, truth: { askedAtMs: 1 * s, about: 'group' } })
    const deleted = after([1, known], [2, looked(failure('gone'))])
    t.match(deleted, { othersDraining: 0, truth: { askedAtMs: 2 * s, about: 'no-group' } })
    t.strictSame(after([1, known], [2, empty]).facts, { targetType: 'ip' })
  },
)

t.test('absent since the first listing without a target, as long as there is none', async (t) => {
  t.equal(after([1, empty], [2, empty]).absentAtMs, 1.5 * s)
  t.equal(after([1, empty], [2, looked(failure('unreachable'))]).absentAtMs, 1.5 * s)
  const registering = looked(seen({ 8080: 'initial' }))
  t.equal(after([1, empty], [2, registering]).absentAtMs, undefined)
  t.equal(after([1, registering], [2, empty]).absentAtMs, undefined)
})

t.test('the draining of a target that is registered again is another one', async (t) => {
  const last = (...states: string[]) =>
    after(...states.map((state, nth): At => [nth + 1, looked(seen(state ? { 8080: state } : {}))]))
      .targets[0]
  const draining = (second: number) => ({ drainingAtMs: second * s })
  t.match(last('healthy', 'draining', 'draining'), { registeredAtMs: 1 * s, ...draining(2.5) })
  t.match(last('draining', 'healthy', 'draining'), { registeredAtMs: 2 * s, ...draining(3.5) })
  t.equal(last('draining', 'healthy')?.drainingAtMs, undefined)
  t.match(last('draining', '', ''), { gone: { atMs: 2.5 * s }, ...draining(1.5) })
  t.match(last('draining', '', 'draining'), draining(3.5), 'though no look came upon it')
  t.equal(last('draining', 'unhealthy')?.drainingAtMs, undefined, 'unhealthy is registered')
  t.match(last('draining', 'unhealthy', 'unhealthy'), {
    gone: { atMs: 2.5 * s },
    registeredAtMs: 3 * s,
  })
  t.match(last('healthy', 'unhealthy', 'draining'), { registeredAtMs: 2 * s, ...draining(3.5) })
})

const found = (claims: Record<string, FoundGroup['claim']>, more: Partial<Found> = {}) => ({
  kind: 'searched',
  answer: {
    ...nothing,
    groups: Object.entries(claims).map(([group, claim]) => ({ group, claim, facts: {} })),
    ...more,
  },
})
const searched = (...facts: At[]) => all(facts, [])
const claims = ({ groups }: Progress) =>
  Object.fromEntries(groups.map(({ group, claim }) => [group, claim]))

t.test('a group that was found once is never forgotten, nor what is known of it', async (t) => {
  const known = searched(
    [1, found({ a: 'bound' }, { missing: [failure('unreachable')] })],
    [2, looked(seen({ 8080: 'healthy' }))],
    [3, found({ b: 'once-bound' })],
  )
  t.strictSame(claims(known), { a: 'bound', b: 'once-bound' })
  t.strictSame(
    known.groups.map(({ targets, knownAtMs }) => [targets.length, knownAtMs / s]),
    [
      [1, 1.5],
      [0, 3.5],
    ],
  )
  t.match(known.search, { failure: undefined, askedAtMs: 3 * s, noneAtMs: undefined })
})

t.test('those that are only possible give way to those that are found', async (t) => {
  const maybe = [1, found({ a: 'possible', b: 'possible' }, { more: 3 })] as const
  t.strictSame(claims(searched(maybe)), { a: 'possible', b: 'possible' })
  t.equal(searched(maybe).search?.more, 3)
  t.strictSame(claims(searched(maybe, [2, found({ c: 'bound' })])), { c: 'bound' })
  t.strictSame(claims(searched(maybe, [2, found({ a: 'bound' })])), { a: 'bound' })
  const isIn = looked(seen({ 8080: 'healthy' }), 'b')
  t.strictSame(
    claims(searched(maybe, [2, isIn])),
    { a: 'possible', b: 'bound' },
    'in both, it may be',
  )
})

t.test('since when nothing is found, and what a search lacked', async (t) => {
  const down = { missing: [failure('unreachable')] }
  const none = (...facts: At[]) => searched(...facts).search?.noneAtMs
  t.equal(none([1, found({})], [2, found({})]), 1.5 * s, 'the first of them')
  t.equal(none([1, found({}, down)], [2, found({ a: 'possible' })]), 2.5 * s)
  t.equal(none([1, found({})], [2, found({}, down)]), 1.5 * s)
  t.equal(none([1, found({})], [2, found({ a: 'bound' })]), undefined)
  const failing = searched([1, found({}, down)], [2, found({}, down)]).search?.failure
  t.match(failing, { last: { kind: 'unreachable' }, inARow: 2, outageAtMs: 0 })
  const late = searched([1, found({})], [2, found({}, down)]).search?.failure
  t.match(late, { inARow: 1, outageAtMs: 2 * s })
})

t.test('a port is idle since the first of the counts in a row that found none', async (t) => {
  const counted = (established: number): object => ({
    kind: 'counted',
    answer: { kind: 'counted', established: new Map([[8080, established]]) } satisfies Counted,
  })
  const since = (...facts: At[]) => all(facts).connections?.idleSinceMs.get(8080)
  t.equal(since([1, counted(0)], [2, counted(0)]), 1.5 * s)
  t.equal(since([1, counted(0)], [2, counted(1)], [3, counted(0)]), 3.5 * s)
  t.equal(since([1, counted(0)], [2, counted(1)]), undefined)
  t.equal(since([1, counted(0)], [4, counted(0)]), 1.5 * s)
  t.equal(since([1, counted(0)], [4.1, counted(0)]), 4.6 * s, 'who knows what came in between')
  const failed = { kind: 'counted', answer: failure('unreachable') }
  t.equal(since([1, counted(0)], [2, failed], [3, counted(0)]), 3.5 * s)
})

t.test('the pod is as it was last seen, or as is known all the same', async (t) => {
  const staying = { kind: 'pod', deletion: 'staying' } as const
  const lost = { kind: 'pod', answer: failure('unreachable') }
  const { pod } = all([
    [1, { kind: 'pod', answer: staying }],
    [2, lost],
  ])
  t.match(pod, { seen: staying, failure: { kind: 'unreachable' }, askedAtMs: 2 * s })
  const known = { kind: 'pod', deletion: 'cannot-tell' } as const
  const told = { kind: 'pod', answer: { ...failure('unreachable'), known } }
  t.match(
    all([
      [1, { kind: 'pod', answer: staying }],
      [2, told],
    ]).pod,
    { seen: known },
  )
  t.equal(
    all([
      [1, told],
      [2, { kind: 'pod', answer: staying }],
    ]).pod?.failure,
    undefined,
  )
  t.match(
    all([
      [1, { kind: 'joined' }],
      [2, { kind: 'thawed' }],
    ]),
    {
      ...{ joinedAtMs: 1.5 * s, thawedAtMs: 2.5 * s },
    },
  )
})

t.test('what was asked before the pod was deleted says nothing of it since', async (t) => {
  const told = { kind: 'pod', answer: { kind: 'pod', deletion: 'deleting', deletedAtMs: 4 * s } }
  const drains = looked(seen({ 8080: 'draining' }))
  const anew = { attempt: undefined, knownAtMs: 5.5 * s }
  const served = { ...anew, targets: [{ phase: { kind: 'registered' }, drainingAtMs: undefined }] }
  const group = after([2, drains], [5, told])
  t.match(group, served, 'it may have recovered')
  t.equal(group.answers.seen, 1)
  t.match(after([2, empty], [5, told]), { ...anew, targets: [], absentAtMs: undefined })
  t.match(after([5, told], [3, drains]).targets, served.targets, 'nor what is answered only now')
  const healthy = after([2, looked(seen({ 8080: 'healthy' }))], [5, told])
  t.match(healthy, { truth: { askedAtMs: 2 * s }, attempt: { askedAtMs: 2 * s } }, 'it holds')
  const since = after([1, told], [2, drains])
  t.equal(since.targets[0]?.drainingAtMs, 2.5 * s, 'no clock is that good: since that was asked')
  const again = { kind: 'pod', answer: { ...told.answer, deletedAtMs: 9 * s } }
  t.equal(after([5, told], [6, drains], [10, again]).targets[0]?.drainingAtMs, 6.5 * s)
})
