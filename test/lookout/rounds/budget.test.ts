import t from 'tap'
import { createBudget } from '../../../src/lookout/rounds/budget.ts'

function spendFor(budget: ReturnType<typeof createBudget>, fromMs: number, forMs: number): number {
  let calls = 0
  for (let now = fromMs; now < fromMs + forMs; now = Math.max(now + 1, budget.nextMs())) {
    budget.spend(now)
    calls += 1
  }
  return calls
}

t.test('calls are evenly spaced, and a pause saves none up', async (t) => {
  const budget = createBudget({ perSecond: 5, sharers: () => 1 })
  t.equal(spendFor(budget, 0, 2_000), 10)
  budget.spend(20_000)
  t.equal(budget.nextMs(), 20_200)
})

t.test('those who share it take their part', async (t) => {
  let sharers = 2
  const budget = createBudget({ perSecond: 5, sharers: () => sharers })
  t.equal(spendFor(budget, 0, 4_000), 10)
  t.equal(budget.perSecond(), 2.5)
  sharers = 0
  t.equal(budget.perSecond(), 5, 'nobody is found: at least oneself is there')
})

t.test('throttled, it takes half, and comes back step by step', async (t) => {
  const budget = createBudget({ perSecond: 5, sharers: () => 1 })
  budget.spend(0)
  budget.throttled(50)
  budget.throttled(70)
  t.equal(budget.perSecond(), 2.5, 'those that were under way together count once')
  budget.throttled(1_100)
  t.equal(budget.perSecond(), 1.25)
  const rates = [6_000, 7_000, 12_000, 30_000, 60_000].map((now) => {
    spendFor(budget, now, 1)
    return budget.perSecond()
  })
  t.strictSame(rates, [1.25, 1.75, 2.25, 2.75, 3.25], 'a step each five seconds at most')
  for (let now = 2_000; now < 100_000; now += 5_100) budget.throttled(now)
  t.equal(budget.perSecond(), 0.5, 'never nothing at all')
})

t.test(
  'where nothing is throttled it takes what AWS refills and the controller leaves',
  async (t) => {
    const budget = createBudget({ perSecond: 5, sharers: () => 1 })
    t.ok(spendFor(budget, 0, 30_000) <= 5 * 30 + 1)
    spendFor(budget, 30_000, 120_000)
    t.equal(budget.perSecond(), 8)
    budget.throttled(150_000)
    t.equal(budget.perSecond(), 4)
    spendFor(budget, 150_000, 20_000)
    t.equal(budget.perSecond(), 5)
    const own = createBudget({ perSecond: 20, sharers: () => 1 })
    spendFor(own, 0, 120_000)
    t.equal(own.perSecond(), 20, 'unless more was asked for')
  },
)
