import t from 'tap'
import { createController } from '../../../bench/fleet/controller.ts'
import type { Api } from '../../../bench/world/account.ts'
import { createWorldClock } from '../../../bench/world/clock.ts'
import { createChance } from '../../../lab/chance.ts'
import type { TargetRef } from '../../../lab/elbv2/health.ts'
import { createRegistry } from '../../../lab/elbv2/registry.ts'

/** A controller whose calls are throttled until an instant. */
function setUp(throttledUntilMs = 0) {
  const clock = createWorldClock()
  const real = createRegistry({ now: clock.now, propagationMs: () => 0 })
  const { arn } = real.createGroup({ name: 'group' })
  const callsMs: number[] = []
  const batches: { atMs: number; size: number }[] = []
  const registry = {
    ...real,
    deregister: (_arn: string, refs: TargetRef[]) =>
      void batches.push({ atMs: clock.now(), size: refs.length }),
  }
  const targetHealth: Api['targetHealth'] = async () => {
    callsMs.push(clock.now())
    return clock.now() < throttledUntilMs ? 'throttled' : []
  }
  const api = { targetHealth } as Api
  const gone: string[] = []
  const controller = createController({
    ...{ clock, api, registry, chance: createChance(1), groups: [arn] },
    deregistered: ({ id }) => gone.push(id),
  })
  const terminating = (count: number, fromMs: number) => {
    for (let i = 0; i < count; i += 1) {
      controller.terminating(arn, { id: `10.0.${i >> 8}.${i & 255}`, port: 80 }, fromMs)
    }
  }
  return { clock, controller, terminating, callsMs, batches, gone }
}

t.test('it deregisters what is due, in chunks', async (t) => {
  const { clock, terminating, batches, gone } = setUp()
  terminating(450, 5_000)
  await clock.runUntil(clock.sleep(4_900))
  t.strictSame(batches, [])
  terminating(1, 100_000)
  await clock.runUntil(clock.sleep(3_000))
  t.strictSame(
    batches.map(({ size }) => size),
    [200, 200, 50],
  )
  t.ok((batches[0]?.atMs ?? 0) >= 5_000)
  t.equal(gone.length, 450)
})

t.test(
  'throttled, it tries again later and later, and deregisters nothing meanwhile',
  async (t) => {
    const { clock, terminating, batches, callsMs } = setUp(60_000)
    terminating(1, 0)
    await clock.runUntil(clock.sleep(60_000))
    t.strictSame(batches, [])
    t.ok(callsMs.length > 4 && callsMs.length < 40, `${callsMs.length} calls`)
    await clock.runUntil(clock.sleep(25_000))
    t.strictSame(
      batches.map(({ size }) => size),
      [1],
    )
  },
)

t.test('it calls twice a second until it is closed', async (t) => {
  const { clock, controller, callsMs } = setUp()
  await clock.runUntil(clock.sleep(100_000))
  t.ok(callsMs.length > 180 && callsMs.length < 220, `${callsMs.length} calls`)
  controller.close()
  await clock.runUntil(clock.sleep(10_000))
  t.ok(callsMs.every((atMs) => atMs <= 100_000))
})
