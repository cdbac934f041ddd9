import t from 'tap'
import { paceRow, paceSummary, tableHead } from '../../../bench/pace/rows.ts'
import { holdIn, type PaceWorld, paceWorld, trueEndMs } from '../../../bench/pace/world.ts'
import { awsWait, sleepFor } from '../../../bench/world/alternatives.ts'
import { draingate } from '../../../bench/world/draingate.ts'

const world: PaceWorld = {
  ...{ loadBalancer: 'ALB', delayMs: 30_000, lagMs: 4_000, propagationMs: 18_000 },
  ...{ lingerMs: 1_000, seed: 1 },
}

t.test('the true end is that of all that a wait waits for', async (t) => {
  t.equal(trueEndMs(world, 'deregistered'), 34_000)
  t.equal(trueEndMs({ ...world, delayMs: 5_000 }, 'deregistered'), 24_000)
  t.equal(trueEndMs({ ...world, loadBalancer: 'NLB' }, 'deregistered'), 124_000)
  t.equal(trueEndMs(world, 'settled'), 24_000)
  t.equal(trueEndMs(world, 'idle'), 28_000)
  t.equal(trueEndMs({ ...world, lingerMs: 60_000 }, 'idle'), 34_000, 'the delay ends it first')
})

t.test('a sleep is late or early by what it knows nothing of', async (t) => {
  t.match(await holdIn(world, sleepFor(40)), { lagMs: 6_000, traffic: 'none', looks: 0 })
  t.match(await holdIn(world, sleepFor(21)), { lagMs: -13_000, traffic: 'coming' })
  t.match(await holdIn(world, sleepFor(22)), { lagMs: -12_000, traffic: 'none' })
})

t.test(
  'the drain that ships is released after the true end, and is told again by its seed',
  async (t) => {
    for (const mode of ['deregistered', 'idle', 'settled'] as const) {
      for (const delayMs of [0, 5_000, 300_000, 3_600_000]) {
        const world = paceWorld('NLB', delayMs, 11)
        const held = await holdIn(world, draingate(mode, 4_000_000))
        t.ok(held.lagMs >= 0 && held.lagMs < 10_000, `${mode} ${delayMs}: ${held.lagMs}`)
        t.match(held, { traffic: 'none', others: mode === 'deregistered' || delayMs === 0 ? 1 : 0 })
        t.same(await holdIn(world, draingate(mode, 4_000_000)), held)
      }
    }
  },
)

t.test('worlds by chance stay in their bounds and fill them', async (t) => {
  const worlds = Array.from({ length: 500 }, (_, seed) => paceWorld('NLB', 1_000, seed))
  for (const [name, low, high] of [
    ['lagMs', 1_000, 10_000],
    ['propagationMs', 10_000, 120_000],
    ['lingerMs', 0, 60_000],
  ] as const) {
    const drawn = worlds.map((world) => world[name])
    const edge = (high - low) / 20
    t.ok(Math.min(...drawn) >= low && Math.min(...drawn) < low + edge, name)
    t.ok(Math.max(...drawn) < high && Math.max(...drawn) > high - edge, name)
  }
})

t.test('rows have a cell for each column, and the first wait is the measure', async (t) => {
  const held = [await holdIn(world, awsWait), await holdIn(paceWorld('ALB', 5_000, 2), awsWait)]
  t.equal(paceRow('aws', held).length, tableHead.length)
  const summary = paceSummary([
    { name: 'one', held },
    { name: 'other', held },
  ])
  t.match(summary, /^one .* 1\.00 /m)
  t.match(summary, /^other .* 1\.00 /m)
})
