import t from 'tap'
import { learn } from '../../src/drain/learn.ts'
import type { Balancer, Failure, Found } from '../../src/drain/ports.ts'
import { begin } from '../../src/drain/progress.ts'
import { searchAsks, searchStanding } from '../../src/drain/search.ts'
import { drainUnderTest } from '../support/drain-under-test.ts'
import { deregisteredAt, failure } from '../support/scripted-balancer.ts'

const s = 1_000
const none: Found = { kind: 'found', groups: [], missing: [] }
const some: Found = { kind: 'found', groups: [{ group: 'a', facts: {} }], missing: [] }
const world = { a: deregisteredAt(5 * s, 30 * s) }
const staying = { kind: 'pod', deletion: 'staying' } as const

t.test('what the search finds is waited for', async (t) => {
  const { end, changes } = drainUnderTest(world, {}, { search: [[0, some]] })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 35 * s && atMs < 37 * s, `released at ${atMs}`)
  t.strictSame(
    changes.filter(({ kind }) => kind === 'found'),
    [{ kind: 'found', groups: ['a'] }],
  )
})

t.test('what the search tells of a group is known from then on', async (t) => {
  const facts = { targetType: 'instance', loadBalancer: 'application' } as const
  const nodes: Found = { ...some, groups: [{ group: 'a', facts }] }
  const wrap = (balancer: Balancer): Balancer => ({
    ...balancer,
    describe: async () => ({ kind: 'described', facts: {}, missing: [failure('denied')] }),
  })
  const { outcome, atMs } = await drainUnderTest(world, {}, { search: [[0, nodes]], wrap }).end()
  t.equal(outcome.kind, 'settled')
  t.equal(atMs, 20 * s)
})

t.test('a failing search is tried again, with growing pauses', async (t) => {
  const search = [
    [0, failure('unreachable')],
    [6 * s, some],
  ] as const
  const { end, changes } = drainUnderTest(world, {}, { search })
  t.equal((await end()).outcome.kind, 'deregistered')
  t.equal(changes.filter(({ kind }) => kind === 'unsearched').length, 1, 'said once')
})

t.test('no group: searched twice, some seconds apart', async (t) => {
  const search = [[0, none]] as const
  const { outcome, atMs } = await drainUnderTest(world, {}, { search }).end()
  t.equal(outcome.kind, 'unregistered')
  t.equal(atMs, 5 * s)
})

t.test('a binding that appears just now is found by the second search', async (t) => {
  const search = [
    [0, none],
    [3 * s, some],
  ] as const
  t.equal((await drainUnderTest(world, {}, { search }).end()).outcome.kind, 'deregistered')
})

t.test('a search that only fails: held for the fallback time, with the reason', async (t) => {
  const search = [[0, failure('denied')]] as const
  const { outcome, atMs } = await drainUnderTest(world, {}, { search }).end()
  t.match(outcome, { kind: 'fallback', because: { kind: 'denied' } })
  t.equal(atMs, 30 * s)
})

t.test('none found, and then it fails: that proves nothing', async (t) => {
  const search = [
    [0, none],
    [3 * s, failure('unreachable')],
  ] as const
  t.equal((await drainUnderTest(world, {}, { search }).end()).outcome.kind, 'fallback')
})

t.test('the deadline and a restart end a search as well', async (t) => {
  const search = [[0, failure('unreachable')]] as const
  const soon = await drainUnderTest(world, { graceMs: 8 * s, reserveMs: 5 * s }, { search }).end()
  t.equal(soon.outcome.kind, 'fallback')
  t.equal(soon.atMs, 3 * s)
  const patient = { fallbackMs: 60 * s }
  const stays = await drainUnderTest(world, patient, { search, pod: [[0, staying]] }).end()
  t.equal(stays.outcome.kind, 'not-terminating')
  t.equal(stays.atMs, 15 * s)
})

t.test("the pod's own grace period beats the setting", async (t) => {
  const pod = [[0, { kind: 'pod', deletion: 'cannot-tell', graceMs: 60 * s }]] as const
  const { outcome, atMs } = await drainUnderTest(
    { a: deregisteredAt(5 * s, 300 * s) },
    {},
    { pod },
  ).end()
  t.equal(outcome.kind, 'deadline')
  t.equal(atMs, 55 * s)
})

t.test('a group that only a later search finds is waited for as well', async (t) => {
  const both: Found = { ...some, groups: [...some.groups, { group: 'b', facts: {} }] }
  const groups = { ...world, b: deregisteredAt(5 * s, 100 * s) }
  const search = [
    [0, { ...some, missing: [failure('unreachable')] }],
    [8 * s, both],
  ] as const
  const { outcome, atMs } = await drainUnderTest(groups, {}, { search }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 105 * s, `released at ${atMs}`)
})

/** What is known after these searches, each answered at its second. */
function searched(...answers: (readonly [number, Found | Failure])[]) {
  return answers.reduce(
    (progress, [second, answer]) =>
      learn(progress, {
        ...{ kind: 'searched', answer },
        ...{ askedAtMs: second * s, answeredAtMs: second * s },
      }),
    begin([], 0),
  )
}
const nextAt = (...answers: (readonly [number, Found | Failure])[]) =>
  searchAsks(searched(...answers)).map(({ atMs }) => atMs / s)
const down = failure('unreachable')

t.test('when the next search comes', async (t) => {
  t.strictSame(searchAsks(begin([], 3 * s)), [{ kind: 'search', atMs: 3 * s }], 'at once')
  t.strictSame(searchAsks(begin(['a'], 0)), [], 'never, where the groups are named')
  t.strictSame(nextAt([1, down]), [2])
  t.strictSame(nextAt([1, down], [2, down]), [4])
  t.strictSame(nextAt([1, down], [2, down], [4, down]), [8])
  const often = Array.from({ length: 20 }, (_, i) => [i, down] as const)
  t.strictSame(nextAt(...often), [29], 'ten seconds at the most')
  t.strictSame(nextAt([1, none]), [6], 'to confirm it')
  t.strictSame(nextAt([1, down], [2, none]), [7])
  t.strictSame(nextAt([1, some]), [], 'no more')
  const partly = (kind: Failure['kind']): Found => ({ ...some, missing: [failure(kind)] })
  t.strictSame(nextAt([1, partly('denied')]), [], 'what is not allowed will not be')
  t.strictSame(nextAt([1, partly('unreachable')]), [11])
  t.strictSame(
    nextAt([1, partly('throttled')], [11, partly('throttled')]),
    [31],
    'ever more seldom',
  )
})

t.test('what a search says to a release', async (t) => {
  const said = (now: number, ...answers: (readonly [number, Found | Failure])[]) =>
    searchStanding(searched(...answers), now * s, 30 * s)
  t.strictSame(said(29), { kind: 'holds' })
  const silence = { kind: 'unreachable', said: 'no answer came from the cluster' }
  t.strictSame(said(30), { kind: 'unknown', because: silence })
  t.strictSame(said(29, [1, down]), { kind: 'holds' })
  t.strictSame(said(30, [1, down]), { kind: 'unknown', because: down })
  t.strictSame(said(30, [1, none]), { kind: 'holds' }, 'once is not enough')
  t.strictSame(said(6, [1, none], [5, none]), { kind: 'holds' }, 'nor twice at once')
  t.strictSame(said(6, [1, none], [6, none]), { kind: 'none' })
  t.strictSame(said(30, [1, none], [6, down]), { kind: 'unknown', because: down })
})
