import t from 'tap'
import { questions } from '../../../src/drain/questions/asks.ts'
import { nextLook } from '../../../src/drain/questions/pace.ts'
import { deleted, play } from '../../support/drain-under-test.ts'
import { first, groupWith, knowing, podSaid, registered, s, within } from '../../support/known.ts'
import { draining, failed, failure } from '../../support/scripted-balancer.ts'

const lookedFor = { looking: 'by-lookout' } as const
const spreads = [0, 0.25, 0.5, 0.75, 0.99]

function nextAt(group: ReturnType<typeof groupWith>, spread: number): number {
  const limits = within({ ...lookedFor, spread })
  return nextLook(group, undefined, knowing([group]), first, limits).atMs
}

t.test('the first look comes within a second: nobody else is in its way', async (t) => {
  const group = groupWith([], { knownAtMs: 0 })
  const { attempt: _attempt, truth: _truth, ...unseen } = group
  for (const spread of spreads) {
    const atMs = nextAt(unseen, spread)
    t.ok(atMs >= 0 && atMs <= s, `${atMs}`)
  }
})

t.test('as long as the pod serves, looks come each two seconds, however many drain', async (t) => {
  for (const spread of spreads) {
    for (const seen of [1, 2, 5, 50]) {
      const group = groupWith([registered()], { othersDraining: 999 })
      const answers = { ...group.answers, seen }
      const atMs = nextAt({ ...group, answers }, spread)
      t.ok(atMs >= 1.5 * s && atMs <= 2.5 * s, `${atMs}`)
    }
  }
})

t.test('whatever has failed, it is asked again in a second or two', async (t) => {
  for (const kind of ['unreachable', 'malformed', 'denied'] as const) {
    for (const inARow of [1, 3, 20]) {
      for (const spread of spreads) {
        const atMs = nextAt(groupWith([registered()], { failure: failed(kind, inARow) }), spread)
        t.ok(atMs >= 0.75 * s && atMs <= 2.5 * s, `${kind} ${atMs}`)
      }
    }
  }
})

t.test('who had no turn asks again at once, however late it is', async (t) => {
  for (const spread of spreads) {
    for (const inARow of [1, 3, 20]) {
      const group = groupWith([registered()], { failure: failed('throttled', inARow) })
      t.equal(nextAt(group, spread), 0)
      const limits = within({ ...lookedFor, spread, graceMs: 10 * s })
      t.equal(nextLook(group, undefined, knowing([group]), first, limits).atMs, 0)
    }
  }
})

t.test('delays, bindings and the pod itself are asked for at once, and soon again', async (t) => {
  const limits = within(lookedFor)
  const group = groupWith([registered()], { knownAtMs: 3 * s })
  const asks = questions(knowing([group]), first, limits)
  t.match(asks, [{ kind: 'describe', wanted: ['delay', 'kind'], atMs: 3 * s }, { kind: 'pod' }])

  const { last } = failed('unreachable')
  const pod = podSaid('staying', {}, { failure: last })
  const found = { askedAtMs: 0, answeredAtMs: 0, missing: [last], narrowed: [], more: 0 }
  const search = { ...found, failure: failed('unreachable', 9) }
  t.match(questions(knowing([], { ...pod, search }), first, limits), [
    { kind: 'search', atMs: s },
    { kind: 'pod', atMs: s },
  ])
})

t.test('a lookout that is away for twenty seconds makes nobody fall back', async (t) => {
  const facts = { deregistrationDelayMs: 60 * s, loadBalancer: 'application' } as const
  const scenes = [
    [0, failure('unreachable')],
    [20 * s, [draining]],
    [65 * s, []],
  ] as const
  const { ended } = await play({ a: { facts, scenes } }, lookedFor, deleted)
  t.match(ended, /^deregistered at 6[56]/)
})
