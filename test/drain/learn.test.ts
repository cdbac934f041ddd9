import t from 'tap'
import { learn } from '../../src/drain/learn.ts'
import type { Counted, Described, Failure, Found, Seen, View } from '../../src/drain/ports.ts'
import { begin, type Fact, type Progress } from '../../src/drain/progress.ts'
import { failure } from '../support/scripted-balancer.ts'

const s = 1_000
const target = { group: 'a', id: '10.0.1.7', port: 8080 }

/** Each fact was asked for at its second, and answered half a second later. */
function all(facts: readonly (readonly [number, object])[], groups = ['a']): Progress {
  return facts.reduce(
    (progress, [second, fact]) => {
      const times = { askedAtMs: second * s, answeredAtMs: second * s + 500 }
      return learn(progress, { ...fact, ...times } as Fact)
    },
    begin(groups, 0),
  )
}
const looked = (answer: Seen | Failure, view: View['kind'] = 'listing') => ({
  ...{ kind: 'looked', group: 'a', answer },
  view: view === 'named' ? { kind: view, targets: [target] } : { kind: view },
})
const seen = (states: Record<number, string>, more: Partial<Seen> = {}): Seen => ({
  kind: 'seen',
  sightings: Object.entries(states).map(([port, state]) => ({
    target: { ...target, port: Number(port) },
    state,
  })),
  ...{ group: 'serving', ...more },
})
const after = (...facts: (readonly [number, object])[]) => {
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
  )
  const counts = { seen: 1, throttled: 2, denied: 1, unreachable: 0, gone: 0, malformed: 0 }
  t.strictSame(group.answers, counts)
  t.match(group, { throttled: 2, lookingMs: 2_000, attempt: { askedAtMs: 4 * s } })
  t.match(group.failure, { last: { kind: 'denied' }, inARow: 3 })
  t.equal(after([1, looked(failure('denied'))], [2, looked(seen({}))]).failure, undefined)
})

t.test('so are descriptions that were throttled', async (t) => {
  const described = (missing: Failure[], facts = {}) => ({
    ...{ kind: 'described', group: 'a' },
    answer: { kind: 'described', facts, missing } satisfies Described,
  })
  const group = after(
    [1, described([failure('throttled'), failure('denied')], { loadBalancer: 'network' })],
    [2, described([failure('throttled'), failure('throttled')], { deregistrationDelayMs: 5 })],
    [3, described([], {})],
  )
  t.equal(group.throttled, 3)
  t.strictSame(group.facts, { loadBalancer: 'network', deregistrationDelayMs: 5 })
  t.strictSame(group.described, { answeredAtMs: 3.5 * s, times: 3, missing: [] })
})

t.test(
  'what a look by name leaves out is as it was; what a listing leaves out is gone',
  async (t) => {
    const both = [1, looked(seen({ 8080: 'draining', 9090: 'draining' }))] as const
    const phases = (...facts: (readonly [number, object])[]) =>
      after(both, ...facts).targets.map(({ target: { port }, phase, sighting }) => {
        return [port, phase.kind, sighting.reason]
      })
    t.strictSame(phases([2, looked(seen({ 8080: 'draining' }), 'named')]), [
      [8080, 'draining', undefined],
      [9090, 'draining', undefined],
    ])
    t.strictSame(phases([2, looked(seen({ 8080: 'draining' }))]), [
      [8080, 'draining', undefined],
      [9090, 'gone', 'Target.NotRegistered'],
    ])
    const gone = [
      [8080, 'gone', 'TargetGroupNotFound'],
      [9090, 'gone', 'TargetGroupNotFound'],
    ]
    t.strictSame(phases([2, looked(failure('gone'))]), gone)
    t.strictSame(phases([2, looked(failure('gone'), 'named')]), gone, 'by name as well')
    const [first] = after(both, [2, looked(seen({ 9090: 'draining' }))]).targets
    t.match(first?.sighting, { state: 'unused', target })
  },
)

t.test('a group that does not exist tells nothing of its health', async (t) => {
  const known = seen({ 8080: 'healthy' }, { othersDraining: 3, size: 9, targetType: 'ip' })
  const group = after([1, looked(known)], [2, looked(failure('gone'))])
  t.match(group, { health: 'unknown', othersDraining: 3, size: 9, truth: { about: 'no-group' } })
  t.match(after([1, looked(known)]), { health: 'serving', truth: { about: 'group' } })
  const silent = after([1, looked(known)], [2, looked(seen({}), 'named')])
  t.match(silent, { othersDraining: 3, size: 9 }, 'only a listing tells')
  t.strictSame(silent.facts, { targetType: 'ip' })
})

t.test('absent since the first listing without a target, as long as there is none', async (t) => {
  const empty = looked(seen({}))
  t.equal(after([1, empty], [2, empty]).absentAtMs, 1.5 * s)
  t.equal(after([1, empty], [2, looked(seen({ 8080: 'initial' }))]).absentAtMs, undefined)
  t.equal(after([1, looked(seen({ 8080: 'initial' }))], [2, empty]).absentAtMs, undefined)
  t.equal(after([1, empty], [2, looked(failure('unreachable'))]).absentAtMs, 1.5 * s)
})

t.test('a group that two searches find is one group, with what is known of it', async (t) => {
  const found = (...groups: string[]): object => ({
    kind: 'searched',
    answer: {
      ...{ kind: 'found', missing: [], narrowed: [] },
      groups: groups.map((group) => ({ group, facts: {} })),
    } satisfies Found,
  })
  const progress = all(
    [
      [1, found('a')],
      [2, looked(seen({ 8080: 'healthy' }))],
      [3, found('a', 'b')],
    ],
    [],
  )
  const known = progress.groups.map(({ group, targets }) => [group, targets.length])
  t.strictSame(known, [
    ['a', 1],
    ['b', 0],
  ])
  t.match(progress.search, { failure: undefined, askedAtMs: 3 * s })
  t.notOk(progress.search && 'noneAtMs' in progress.search)
  t.equal(
    all(
      [
        [1, found()],
        [2, found()],
      ],
      [],
    ).search?.noneAtMs,
    1.5 * s,
    'the first of them',
  )
})

t.test('a port is idle since the first of the counts in a row that found none', async (t) => {
  const counted = (established: number): object => ({
    kind: 'counted',
    answer: { kind: 'counted', established: new Map([[8080, established]]) } satisfies Counted,
  })
  const since = (...facts: (readonly [number, object])[]) =>
    all(facts).connections?.idleSinceMs.get(8080)
  t.equal(since([1, counted(0)], [2, counted(0)]), 1.5 * s)
  t.equal(since([1, counted(0)], [2, counted(1)], [3, counted(0)]), 3.5 * s)
  t.equal(since([1, counted(0)], [2, counted(1)]), undefined)
  t.equal(since([1, counted(0)], [4, counted(0)]), 1.5 * s)
  t.equal(since([1, counted(0)], [4.1, counted(0)]), 4.6 * s, 'who knows what came in between')
  const failed = { kind: 'counted', answer: failure('unreachable') }
  t.equal(since([1, counted(0)], [2, failed], [3, counted(0)]), 3.5 * s)
})

t.test('the draining of a target that is registered again is another one', async (t) => {
  const first = (...states: string[]) =>
    after(...states.map((state, i) => [i + 1, looked(seen({ 8080: state }))] as const)).targets[0]
  t.match(first('healthy', 'draining', 'draining'), {
    registeredAtMs: 1 * s,
    drainingAtMs: 2.5 * s,
  })
  t.match(first('draining', 'healthy', 'draining'), {
    registeredAtMs: 2 * s,
    drainingAtMs: 3.5 * s,
  })
  t.match(first('draining', 'unused', 'unused'), { gone: { atMs: 2.5 * s }, drainingAtMs: 1.5 * s })
  t.equal(first('draining', 'healthy')?.drainingAtMs, undefined)
})
