import t from 'tap'
import { learn } from '../../src/drain/learn.ts'
import type { Balancer, Failure, Found } from '../../src/drain/ports.ts'
import { begin } from '../../src/drain/progress.ts'
import { searchAsks, searchStanding } from '../../src/drain/search.ts'
import { drainUnderTest } from '../support/drain-under-test.ts'
import { deregisteredAt, failure } from '../support/scripted-balancer.ts'

const s = 1_000
const none: Found = { kind: 'found', groups: [], missing: [], narrowed: [] }
const some: Found = {
  kind: 'found',
  groups: [{ group: 'a', facts: {} }],
  missing: [],
  narrowed: [],
}
const world = { a: deregisteredAt(5 * s, 30 * s) }
/** A search that finds some, or nothing, and lacks something. */
const lacking = (kind: Failure['kind'], found = none): Found => ({
  ...found,
  missing: [failure(kind)],
})
const down = lacking('unreachable')
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
    [0, down],
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
  const search = [[0, lacking('denied')]] as const
  const { outcome, atMs } = await drainUnderTest(world, {}, { search }).end()
  t.match(outcome, { kind: 'fallback', because: { kind: 'denied' } })
  t.equal(atMs, 30 * s)
})

t.test('none found, and then it fails: that proves nothing', async (t) => {
  const search = [
    [0, none],
    [3 * s, down],
  ] as const
  t.equal((await drainUnderTest(world, {}, { search }).end()).outcome.kind, 'fallback')
})

t.test('the deadline and a restart end a search as well', async (t) => {
  const search = [[0, down]] as const
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
    [0, lacking('unreachable', some)],
    [8 * s, both],
  ] as const
  const { outcome, atMs } = await drainUnderTest(groups, {}, { search }).end()
  t.equal(outcome.kind, 'deregistered')
  t.ok(atMs >= 105 * s, `released at ${atMs}`)
})

/** What is known after these searches, each answered at its second. */
function searched(...answers: (readonly [number, Found])[]) {
  return answers.reduce(
    (progress, [second, answer]) =>
      learn(progress, {
        ...{ kind: 'searched', answer },
        ...{ askedAtMs: second * s, answeredAtMs: second * s },
      }),
    begin([], 0),
  )
}
const nextAt = (...answers: (readonly [number, Found])[]) =>
  searchAsks(searched(...answers)).map(({ atMs }) => atMs / s)

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
  const partly = lacking('unreachable', some)
  t.strictSame(nextAt([1, partly]), [2], 'soon, for what may pass')
  t.strictSame(nextAt([1, partly], [2, partly]), [4])
  t.strictSame(nextAt([1, partly], [2, some]), [])
  t.strictSame(nextAt([1, down], [2, none], [7, down]), [8], 'in a row')
  const narrowed = { ...some, narrowed: [failure('denied')] }
  t.strictSame(nextAt([1, narrowed]), [], 'what is not allowed will not be')
})

t.test('what a search says to a release', async (t) => {
  const said = (now: number, ...answers: (readonly [number, Found])[]) =>
    searchStanding(searched(...answers), now * s, 30 * s)
  const [because] = down.missing
  t.strictSame(said(29), { kind: 'holds' })
  const silence = { kind: 'unreachable', said: 'no answer came from the cluster' }
  t.strictSame(said(30), { kind: 'unknown', because: silence })
  t.strictSame(said(29, [1, down]), { kind: 'holds' })
  t.strictSame(said(30, [1, down]), { kind: 'unknown', because })
  t.strictSame(said(30, [1, none]), { kind: 'holds' }, 'once is not enough')
  t.strictSame(said(6, [1, none], [5, none]), { kind: 'holds' }, 'nor twice at once')
  t.strictSame(said(6, [1, none], [6, none]), { kind: 'clear' })
  t.strictSame(said(30, [1, none], [6, down]), { kind: 'unknown', because })
  t.strictSame(said(8, [1, none], [6, down], [7, none]), { kind: 'clear' })
  t.strictSame(said(1, [1, some]), { kind: 'clear' })
  const partly = lacking('unreachable', some)
  t.strictSame(said(29, [1, partly]), { kind: 'holds' })
  t.strictSame(said(30, [1, partly]), { kind: 'unknown', because })
  t.strictSame(said(30, [1, { ...some, narrowed: partly.missing }]), { kind: 'clear' })
  t.strictSame(searchStanding(begin(['a'], 0), 0, 30 * s), { kind: 'clear' }, 'none is needed')
})

t.test('a group that may be there is waited for beside those that are found', async (t) => {
  const short = { a: deregisteredAt(0, 20 * s) }
  const search = [[0, lacking('unreachable', some)]] as const
  const { outcome, atMs } = await drainUnderTest(short, {}, { search }).end()
  t.match(outcome, { kind: 'fallback', because: { kind: 'unreachable' } })
  t.equal(atMs, 30 * s)
  const long = await drainUnderTest({ a: deregisteredAt(0, 100 * s) }, {}, { search }).end()
  t.equal(long.outcome.kind, 'fallback')
  t.ok(long.atMs >= 100 * s, `released at ${long.atMs}`)
})

t.test('a search that is throttled has until the deadline', async (t) => {
  const short = { a: deregisteredAt(0, 20 * s) }
  const search = [[0, lacking('throttled', some)]] as const
  const limits = { graceMs: 100 * s }
  const { outcome, atMs } = await drainUnderTest(short, limits, { search }).end()
  t.match(outcome, { kind: 'fallback', because: { kind: 'throttled' } })
  t.equal(atMs, 95 * s)
})

t.test('what showed while the search held is shown anew before the release', async (t) => {
  const search = [
    [0, lacking('unreachable', some)],
    [70 * s, some],
  ] as const
  const short = { a: deregisteredAt(0, 20 * s) }
  const patient = { fallbackMs: 100 * s }
  const { end, looks } = drainUnderTest(short, patient, { search })
  const { outcome, atMs } = await end()
  t.equal(outcome.kind, 'deregistered')
  t.ok((looks.at(-1)?.atMs ?? 0) >= 70 * s && atMs < 85 * s, `released at ${atMs}`)
})
