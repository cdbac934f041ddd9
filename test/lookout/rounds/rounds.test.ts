import t from 'tap'
import { createRounds, type Rounds, type Worked } from '../../../src/lookout/rounds/rounds.ts'
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts'

const answerMs = 50
const never = new AbortController().signal

/** Rounds over an API that answers with the moment at which it was asked, one call each `everyMs`. */
function stage(everyMs = 0, restMs = 1_000) {
  const clock = createVirtualClock()
  const calls: [thing: string, atMs: number][] = []
  const throttled: number[] = []
  let nextMs = -Infinity
  let isThrottling: (thing: string) => boolean = () => false
  const budget = {
    nextMs: () => nextMs,
    spend(now: number) {
      nextMs = now + everyMs
    },
    throttled: (now: number) => void throttled.push(now),
  }
  const rounds = createRounds({ clock, budget, restMs })
  function ask(thing: string, patienceMs = 20_000, signal = never) {
    return rounds.ask(thing, { patienceMs, signal }, async (): Promise<Worked<number>> => {
      const atMs = clock.now()
      calls.push([thing, atMs])
      await clock.sleepUntil(atMs + answerMs, never)
      return isThrottling(thing) ? { kind: 'again' } : { kind: 'answer', answer: atMs }
    })
  }
  return {
    ...{ clock, calls, throttled, rounds, ask },
    throttle(those: (thing: string) => boolean) {
      isThrottling = those
    },
  }
}

function after<T>(clock: VirtualClock, ms: number, work: () => Promise<T>): Promise<T> {
  return clock.sleepUntil(clock.now() + ms, never).then(work)
}

const asking = ({ waiting }: Rounds) => [...waiting().values()].reduce((sum, one) => sum + one, 0)

t.test(
  'all who ask before a turn begins share it, and nobody is told of before he asked',
  async (t) => {
    const { clock, calls, ask } = stage()
    const asked = [0, 10, 20, 1_020, 1_049].map((ms) => after(clock, ms, () => ask('web')))
    const answers = await clock.runUntil(Promise.all(asked))
    t.strictSame(
      answers.map((one) => one.kind === 'answer' && [one.answer, one.waitedMs]),
      [
        [0, 0],
        // Asked while the first turn was under way: the next one, a second after it began.
        [1_000, 990],
        [1_000, 980],
        [2_000, 980],
        [2_000, 951],
      ],
    )
    t.strictSame(calls, [
      ['web', 0],
      ['web', 1_000],
      ['web', 2_000],
    ])
  },
)

t.test('turns go to what has been due for longest, and wait for the budget', async (t) => {
  const { clock, calls, ask } = stage(500)
  const asked = ['a', 'b', 'c', 'b', 'a'].map((thing, i) => after(clock, i * 10, () => ask(thing)))
  await clock.runUntil(Promise.all(asked))
  t.strictSame(calls, [
    ['a', 0],
    ['b', 500],
    ['c', 1_000],
    // Asked again at 40 ms, when its first turn had begun.
    ['a', 1_500],
  ])
})

t.test('a thing is asked about once at a time, however long it takes', async (t) => {
  const { clock, calls, ask } = stage(0, 10)
  const asked = [0, 1, 20, 49, 60].map((ms) => after(clock, ms, () => ask('web')))
  await clock.runUntil(Promise.all(asked))
  t.strictSame(calls, [
    ['web', 0],
    ['web', 50],
    ['web', 100],
  ])
})

t.test('who waits in vain is told so, and the turn stays due', async (t) => {
  const { clock, calls, ask, rounds } = stage(10_000)
  const [first, second] = [ask('a'), after(clock, 1, () => ask('b', 2_000))]
  t.match(await clock.runUntil(Promise.all([first, second])), [
    { kind: 'answer' },
    { kind: 'no-turn' },
  ])
  t.equal(asking(rounds), 0)
  // Another asks first, but the turn of b has been due for longer.
  const late = [after(clock, 100, () => ask('c')), after(clock, 200, () => ask('b'))]
  await clock.runUntil(Promise.all(late))
  t.strictSame(calls, [
    ['a', 0],
    ['b', 10_000],
    ['c', 20_000],
  ])
})

t.test('a turn that nobody waits for is not taken, and not owed for ever', async (t) => {
  const { clock, calls, ask } = stage(2_000)
  await clock.runUntil(Promise.all([ask('a'), after(clock, 1, () => ask('b', 500))]))
  await clock.advance(70_000)
  t.strictSame(calls, [['a', 0]])
  const asked = [ask('c'), after(clock, 1, () => ask('d')), after(clock, 2, () => ask('b'))]
  await clock.runUntil(Promise.all(asked))
  t.strictSame(
    calls.map(([thing]) => thing),
    ['a', 'c', 'd', 'b'],
  )
})

t.test('throttled, the same questions are put again by themselves', async (t) => {
  const { clock, calls, throttled, ask, throttle } = stage(300)
  throttle(() => clock.now() < 1_500)
  const [web, late] = [ask('web'), after(clock, 100, () => ask('api', 900))]
  t.same(await clock.runUntil(Promise.all([web, late])), [
    { kind: 'answer', answer: 2_000, waitedMs: 2_000 },
    { kind: 'no-turn' },
  ])
  t.strictSame(throttled, [50, 350, 1_050])
  t.strictSame(
    calls.filter(([thing]) => thing === 'web').map(([, atMs]) => atMs),
    [0, 1_000, 2_000],
  )
})

t.test('who has hung up is waited for no longer', async (t) => {
  const { clock, calls, ask } = stage(10_000)
  const gone = new AbortController()
  const asked = [ask('a'), after(clock, 1, () => ask('b', 20_000, gone.signal))]
  await clock.advance(100)
  gone.abort()
  t.match(await clock.runUntil(Promise.all(asked)), [{}, { kind: 'no-turn' }])
  await clock.advance(20_000)
  t.equal(calls.length, 1)
})

t.test('work that breaks leaves nobody waiting', async (t) => {
  const { clock, rounds } = stage()
  const asked = rounds.ask('web', { patienceMs: 3_000, signal: never }, () =>
    Promise.reject(new Error('a bug')),
  )
  t.same(await clock.runUntil(asked), { kind: 'no-turn' })
  t.equal(clock.now(), 3_000)
})
