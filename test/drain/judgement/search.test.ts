import t from 'tap'
import { reportOf } from '../../../src/drain/account/report.ts'
import { searchStanding } from '../../../src/drain/judgement/search.ts'
import { learn } from '../../../src/drain/knowledge/learn.ts'
import { begin } from '../../../src/drain/knowledge/progress.ts'
import type { Failure, Found, FoundGroup } from '../../../src/drain/ports.ts'
import { searchAsks } from '../../../src/drain/questions/asks.ts'
import { nothing, play, type SearchScript, secondsOf } from '../../support/drain-under-test.ts'
import { s, within } from '../../support/known.ts'
import { deregisteredAt, failure, type ScriptedGroup } from '../../support/scripted-balancer.ts'

const found = (claims: Record<string, FoundGroup['claim']>, more: Partial<Found> = {}): Found => ({
  ...nothing,
  groups: Object.entries(claims).map(([group, claim]) => ({ group, claim, facts: {} })),
  ...more,
})
const some = found({ a: 'bound' })
/** A search that finds some, or nothing, and lacks something. */
const lacking = (kind: Failure['kind'], what = nothing): Found => ({
  ...what,
  missing: [failure(kind)],
})
const down = lacking('unreachable')
const partly = lacking('unreachable', some)
const staying = { kind: 'pod', deletion: 'staying' } as const
const world = { a: deregisteredAt(5 * s, 30 * s) }

/** A drain that has to search. */
const searching = (
  search: SearchScript,
  limits = {},
  groups: Record<string, ScriptedGroup> = world,
) => play(groups, limits, { search })

t.test('what the search finds is waited for, and known from then on', async (t) => {
  const { ended, changes } = await searching([[0, some]])
  t.equal(ended, 'deregistered at 35.168')
  const told = changes.filter(({ kind }) => kind === 'found')
  t.strictSame(told, [{ kind: 'found', groups: ['a'], possible: [], more: 0 }])
  const facts = { targetType: 'instance', loadBalancer: 'application' } as const
  const nodes: Found = { ...nothing, groups: [{ group: 'a', claim: 'bound', facts }] }
  const denied = { a: { ...world.a, undescribed: { because: 'denied' } } } as const
  t.equal((await searching([[0, nodes]], {}, denied)).ended, 'settled at 20')
})

t.test('a failing search is tried again, within its time', async (t) => {
  const again = await searching([
    [0, down],
    [6 * s, some],
  ])
  t.equal(again.ended, 'deregistered at 35.75')
  t.equal(again.changes.filter(({ kind }) => kind === 'unsearched').length, 1, 'said once')
  const denied = await searching([[0, lacking('denied')]])
  t.equal(denied.ended, 'fallback at 30')
  t.match(denied.ends, [{ outcome: { because: { kind: 'denied' } } }])
  const since = await searching([
    [0, nothing],
    [3 * s, down],
  ])
  t.equal(since.ended, 'fallback at 35', 'that none was found before proves nothing')
  t.equal((await searching([[0, down]], { graceMs: 8 * s })).ended, 'fallback at 3')
  const restart = await play(
    world,
    { fallbackMs: 60 * s },
    { search: [[0, down]], pod: [[0, staying]] },
  )
  t.equal(restart.ended, 'not-terminating at 15')
})

t.test(
  'a search that is throttled has until the deadline; one that fails after it, its time',
  async (t) => {
    const throttled = [[0, lacking('throttled', some)]] as const
    const { ended, ends } = await searching(throttled, { graceMs: 100 * s })
    t.equal(ended, 'fallback at 95')
    t.match(ends, [{ outcome: { because: { kind: 'throttled' } } }])
    const then = await searching(
      [
        [0, lacking('throttled')],
        [35 * s, down],
        [50 * s, some],
      ],
      {},
      { a: deregisteredAt(5 * s, 100 * s) },
    )
    t.equal(then.ended, 'deregistered at 105.055')
  },
)

t.test('no group: searched twice, some seconds apart', async (t) => {
  t.equal((await searching([[0, nothing]])).ended, 'unregistered at 5')
  const late = await searching([
    [0, nothing],
    [3 * s, some],
  ])
  t.equal(late.ended, 'deregistered at 35.75', 'a binding that appears just now')
})

t.test('a group that was found once is waited for, whatever later searches find', async (t) => {
  const groups = { ...world, b: deregisteredAt(5 * s, 100 * s) }
  const other = found({ b: 'once-bound' })
  for (const [early, late] of [
    [partly, other],
    [lacking('unreachable', other), some],
    [partly, found({ a: 'bound', b: 'bound' })],
  ] as const) {
    const { ended } = await searching(
      [
        [0, early],
        [8 * s, late],
      ],
      {},
      groups,
    )
    t.match(ended, /^deregistered at 10[57]/)
  }
  const lost = await searching(
    [
      [0, lacking('unreachable', other)],
      [3 * s, nothing],
    ],
    {},
    groups,
  )
  t.match(lost.ended, /^deregistered at 105/, 'not even when they find none')
})

t.test('where none is found, those that are possible are looked at once', async (t) => {
  const maybe = found({ a: 'possible', b: 'possible' }, { more: 3 })
  const empty: ScriptedGroup = { facts: { deregistrationDelayMs: 300 * s }, scenes: [] }
  const { ended, looks, changes, drain } = await searching([[0, maybe]], {}, { a: empty, b: empty })
  t.equal(ended, 'unregistered at 5')
  t.strictSame(secondsOf(looks), [2, 2])
  t.match(changes[0], { kind: 'found', groups: [], possible: ['a', 'b'], more: 3 })
  const { because } = reportOf(drain.state(), within(), 0)
  t.equal(
    because,
    'this pod was looked for, and is in none of the target groups a, b; 3 more of its namespace were not looked at',
  )
  const isIn = await searching([[0, maybe]], {}, { a: empty, b: deregisteredAt(5 * s, 60 * s) })
  t.match(isIn.ended, /^deregistered at 65/)
  const silent: ScriptedGroup = { scenes: [[0, failure('unreachable')]] }
  t.equal((await searching([[0, maybe]], {}, { a: empty, b: silent })).ended, 'fallback at 30')
  const then = await searching(
    [
      [0, maybe],
      [4 * s, found({ c: 'bound' })],
    ],
    {},
    {
      ...{ a: silent, b: empty, c: deregisteredAt(5 * s, 60 * s) },
    },
  )
  t.match(then.ended, /^deregistered at 65/, 'until another is found')
})

t.test('a group that may be there is waited for beside those that are found', async (t) => {
  const short = { a: deregisteredAt(0, 20 * s) }
  t.equal((await searching([[0, partly]], {}, short)).ended, 'fallback at 30')
  const long = { a: deregisteredAt(0, 100 * s) }
  t.equal((await searching([[0, partly]], {}, long)).ended, 'fallback at 100.05')
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
  searchAsks(searched(...answers), within()).map(({ atMs }) => atMs / s)

t.test('when the next search comes', async (t) => {
  t.strictSame(searchAsks(begin([], 3 * s), within()), [{ kind: 'search', atMs: 3 * s }], 'at once')
  t.strictSame(searchAsks(begin(['a'], 0), within()), [], 'never, where the groups are named')
  t.strictSame(nextAt([1, down]), [2])
  t.strictSame(nextAt([1, down], [2, down], [4, down]), [8])
  const often = Array.from({ length: 20 }, (_, nth) => [nth, down] as const)
  t.strictSame(nextAt(...often), [29], 'ten seconds at the most')
  t.strictSame(nextAt([1, nothing]), [6], 'to confirm it')
  t.strictSame(nextAt([1, down], [2, nothing]), [7])
  t.strictSame(nextAt([1, nothing], [6, nothing]), [], 'which is done')
  t.strictSame(nextAt([1, down], [2, nothing], [7, down]), [8], 'in a row')
  t.strictSame(nextAt([1, found({ a: 'possible' })]), [6], 'another may be found')
  t.strictSame(nextAt([1, some]), [], 'no more')
  t.strictSame(nextAt([1, partly], [2, partly]), [4])
  t.strictSame(nextAt([1, partly], [2, some]), [])
  const narrowed = { ...some, narrowed: [failure('denied')] }
  t.strictSame(nextAt([1, narrowed]), [], 'what is not allowed will not be')
})

t.test('what a search says to a release', async (t) => {
  const said = (now: number, ...answers: (readonly [number, Found])[]) =>
    searchStanding(searched(...answers), now * s, 30 * s)
  const holds = { kind: 'holds' }
  const clear = { kind: 'clear' }
  const unknown = { kind: 'unknown', because: failure('unreachable') }
  const silence = { kind: 'unreachable', said: 'no answer came from the cluster' }
  t.strictSame(said(29), holds)
  t.strictSame(said(30), { kind: 'unknown', because: silence })
  t.strictSame(said(29, [1, down]), holds)
  t.strictSame(said(30, [1, down]), unknown)
  t.strictSame(said(30, [1, nothing]), holds, 'once is not enough')
  t.strictSame(said(6, [1, nothing], [5, nothing]), holds, 'nor twice at once')
  t.strictSame(said(6, [1, nothing], [6, nothing]), clear)
  t.strictSame(said(30, [1, nothing], [6, down]), unknown)
  t.strictSame(said(8, [1, nothing], [6, down], [7, nothing]), clear)
  t.strictSame(said(30, [1, found({ a: 'possible' })]), holds)
  t.strictSame(said(1, [1, some]), clear)
  t.strictSame(said(29, [1, partly]), holds)
  t.strictSame(said(30, [1, partly]), unknown)
  t.strictSame(said(30, [1, { ...some, narrowed: partly.missing }]), clear)
  t.strictSame(searchStanding(begin(['a'], 0), 0, 30 * s), clear, 'none is needed')
})

t.test('a pod that one of the possible groups shows may be in another', async (t) => {
  const maybe = found({ alb: 'possible', nlb: 'possible' })
  const groups = {
    alb: deregisteredAt(1 * s, 30 * s),
    nlb: { ...deregisteredAt(100 * s, 300 * s), latencyMs: 80 },
  }
  const { ends } = await searching([[0, maybe]], {}, groups)
  t.ok((ends[0]?.atMs ?? 0) >= 400 * s)
})

t.test('nor does a possible group let go of a pod that may just have left it', async (t) => {
  const maybe = found({ web: 'possible' })
  for (const spread of [0, 0.5, 0.99]) {
    for (const delay of [0, 5, 10]) {
      const groups = { web: deregisteredAt(1 * s, delay * s) }
      const { ends } = await searching([[0, maybe]], { spread }, groups)
      t.ok((ends[0]?.atMs ?? 0) >= 21 * s, `${spread} ${delay}`)
    }
  }
})
