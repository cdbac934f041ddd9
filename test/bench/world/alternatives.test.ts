import { mock } from 'node:test'
import {
  type ElasticLoadBalancingV2Client,
  waitUntilTargetDeregistered,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import t from 'tap'
import type { Api } from '../../../bench/world/account.ts'
import {
  awsWait,
  everySecond,
  listingEvery250Ms,
  sdkWait,
  sleepFor,
} from '../../../bench/world/alternatives.ts'
import { createWorldClock } from '../../../bench/world/clock.ts'
import type { Wait } from '../../../bench/world/wait.ts'
import { createChance } from '../../../lab/chance.ts'
import type { TargetHealth } from '../../../lab/elbv2/health.ts'

const target = { id: '10.0.1.7', port: 8080 }
const healthOf = (state: string): TargetHealth => ({ ...target, state, healthCheckPort: '8080' })

/** Healthy at first, draining from 5 s on, and finished at `endMs`; throttled as the script says. */
async function play(wait: Wait, endMs: number, isThrottled = (_ms: number) => false) {
  const clock = createWorldClock()
  const looksMs: number[] = []
  const targetHealth: Api['targetHealth'] = async (_arn, named) => {
    const atMs = clock.now()
    looksMs.push(atMs)
    if (isThrottled(atMs)) return 'throttled'
    if (atMs >= endMs) return named ? [healthOf('unused')] : []
    return [healthOf(atMs < 5_000 ? 'healthy' : 'draining')]
  }
  const api: Api = {
    targetHealth,
    protocol: async () => 'throttled',
    attributes: async () => 'throttled',
  }
  const chance = createChance(3)
  const pod = { clock, api, group: 'arn', protocol: 'HTTP', target, chance, connections: () => 0 }
  const outcome = await clock.runUntil(wait.hold(pod))
  return { outcome, looksMs, heldMs: clock.now() }
}

t.test('aws elbv2 wait looks every 15 s and gives up after 40 looks', async (t) => {
  const { outcome, looksMs, heldMs } = await play(awsWait, 305_000)
  t.same([outcome, looksMs.length, heldMs], ['deregistered', 22, 315_000])
  const late = await play(awsWait, 700_000)
  t.same([late.outcome, late.looksMs.length, late.heldMs], ['gave up', 40, 585_000])
})

t.test('aws elbv2 wait survives two throttled attempts, but not three', async (t) => {
  let times = 0
  const twice = await play(awsWait, 20_000, () => times++ < 2)
  t.same([twice.outcome, twice.looksMs.length], ['deregistered', 5])
  const always = await play(awsWait, 20_000, () => true)
  t.same([always.outcome, always.looksMs.length], ['error', 3])
})

t.test("the SDK's wait looks when its real code does", async (t) => {
  for (const [endMs, maxWaitMs] of [
    [305_000, 3_600_000],
    [1_000_000, 3_600_000],
    [305_000, 200_000],
    [90_000, 60_000],
  ] as const) {
    const model = await play(sdkWait(maxWaitMs), endMs)
    const real = await playReal(endMs, maxWaitMs)
    t.same(model.looksMs.map(Math.round), real.looksMs.map(Math.round), `${endMs} ${maxWaitMs}`)
    t.equal(model.outcome, real.outcome)
    t.ok(model.looksMs.length > 3)
  }
})

/** The SDK's own waiter: its timers end at once, and its time has then passed. */
async function playReal(endMs: number, maxWaitMs: number) {
  const looksMs: number[] = []
  let nowMs = 0
  const client = {
    async send() {
      looksMs.push(nowMs)
      const State = nowMs >= endMs ? 'unused' : 'draining'
      return { TargetHealthDescriptions: [{ TargetHealth: { State } }] }
    },
  } as unknown as ElasticLoadBalancingV2Client
  mock.method(Math, 'random', createChance(3))
  mock.method(Date, 'now', () => nowMs)
  mock.method(globalThis, 'setTimeout', (wake: () => void, ms: number) => {
    nowMs += ms
    setImmediate(wake)
  })
  try {
    const input = { TargetGroupArn: 'arn' }
    await waitUntilTargetDeregistered({ client, maxWaitTime: maxWaitMs / 1_000 }, input)
    return { looksMs, outcome: 'deregistered' }
  } catch (error) {
    if ((error as Error).name !== 'TimeoutError') throw error
    return { looksMs, outcome: 'gave up' }
  } finally {
    mock.restoreAll()
  }
}

t.test('pollers and sleeps', async (t) => {
  const second = await play(everySecond, 10_500)
  t.same([second.outcome, second.looksMs.length, second.heldMs], ['deregistered', 12, 11_000])
  const listing = await play(listingEvery250Ms, 300_000)
  t.same([listing.outcome, listing.looksMs.length, listing.heldMs], ['draining', 21, 5_000])
  const asleep = await play(sleepFor(40), 300_000)
  t.same([asleep.outcome, asleep.looksMs.length, asleep.heldMs], ['slept', 0, 40_000])
})

t.test('a poller that is throttled polls on', async (t) => {
  const { outcome, looksMs } = await play(everySecond, 10_000, (ms) => ms < 8_000)
  t.equal(outcome, 'deregistered')
  t.ok(looksMs.length > 10)
})
