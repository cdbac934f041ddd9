import t from 'tap'
import { type FleetWorld, playFleet } from '../../../bench/fleet/fleet.ts'
import { lookout } from '../../../bench/world/lookout.ts'

const world: FleetWorld = {
  ...{ pods: 60, groups: 3, staying: 1 },
  ...{ withinMs: 10_000, delayMs: 60_000, seed: 5 },
}

t.test('two lookouts look for all pods, and are told again by the seed', async (t) => {
  const end = await playFleet(world, lookout('deregistered', 900_000))
  for (const pod of end.pods) {
    t.match(pod, { outcome: 'deregistered', traffic: 'none' })
    t.ok(pod.lagMs >= 0 && pod.lagMs < 2_000, `${pod.lagMs}`)
  }
  t.ok(end.podCalls.length < 2 * end.pods.length, `${end.podCalls.length}`)
  t.ok(
    end.podCalls.every(({ action }) => action === 'DescribeTargetHealth'),
    'delays are known',
  )
  t.ok(
    end.podCalls.every(({ atMs, answer }) => atMs >= 0 && answer === 'ok'),
    'and what came before the first deletion does not count',
  )
  t.same(await playFleet(world, lookout('deregistered', 900_000)), end)
})

t.test('both share one budget', async (t) => {
  const many = { ...world, groups: 30 }
  const { podCalls } = await playFleet(many, lookout('settled', 900_000))
  const first = podCalls.filter(({ atMs }) => atMs < 10_000)
  t.ok(first.length <= 60, `${first.length} in ten seconds`)
})

t.test('while one is away the other looks; while both are, pods wait', async (t) => {
  for (const which of [[0], [1], [0, 1]]) {
    const away = { which, fromMs: 8_000, untilMs: 28_000 }
    const { pods, podCalls } = await playFleet(world, lookout('deregistered', 900_000, away))
    t.ok(pods.every(({ outcome, traffic }) => outcome === 'deregistered' && traffic === 'none'))
    const meanwhile = podCalls.filter(({ atMs }) => atMs > 9_000 && atMs < 27_000)
    t.equal(meanwhile.length > 0, which.length === 1)
  }
})
