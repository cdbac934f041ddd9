import t from 'tap'
import { type FleetEnd, type FleetWorld, playFleet } from '../../../bench/fleet/fleet.ts'
import { callsChart, releasesChart } from '../../../bench/fleet/plots.ts'
import { fleetRow, outcomesOf, tableHead } from '../../../bench/fleet/rows.ts'
import { chartSvg } from '../../../bench/plot/svg.ts'
import { everySecond, sleepFor } from '../../../bench/world/alternatives.ts'
import { draingate } from '../../../bench/world/draingate.ts'

const world: FleetWorld = {
  ...{ pods: 10, groups: 2, staying: 1 },
  ...{ withinMs: 10_000, delayMs: 60_000, seed: 5 },
}

t.test('a few pods drain beside each other, and are told again by the seed', async (t) => {
  const end = await playFleet(world, draingate('deregistered', 900_000))
  t.equal(end.pods.length, 10)
  for (const pod of end.pods) {
    t.match(pod, { outcome: 'deregistered', traffic: 'none' })
    t.ok(pod.lagMs >= 0 && pod.lagMs < 10_000, `${pod.lagMs}`)
  }
  t.same(await playFleet(world, draingate('deregistered', 900_000)), end)
})

t.test(
  'with settled, the delay is not waited for, and those that stay are in the listing',
  async (t) => {
    const one = { ...world, pods: 1, groups: 1, staying: 99 }
    const { pods, podCalls } = await playFleet(one, draingate('settled', 900_000))
    t.match(pods, [{ outcome: 'settled', traffic: 'none' }])
    t.ok((pods[0]?.lagMs ?? -1) >= 0 && (pods[0]?.lagMs ?? 0) < 20_000, `${pods[0]?.lagMs}`)
    t.ok(podCalls.length < 8)
  },
)

t.test('with nobody who looks, the controller has the budget for itself', async (t) => {
  const { pods, podCalls, controllerCalls } = await playFleet(
    { ...world, pods: 500, groups: 5 },
    sleepFor(100),
  )
  t.equal(podCalls.length, 0)
  t.ok(controllerCalls.every(({ answer }) => answer === 'ok'))
  const perSecond = controllerCalls.length / ((controllerCalls.at(-1)?.atMs ?? 0) / 1_000)
  t.ok(perSecond > 1.8 && perSecond < 2.2, `${perSecond} calls a second`)
  for (const { deregisteredMs } of pods) t.ok(deregisteredMs > 1_000 && deregisteredMs < 26_000)
  t.ok(pods.every(({ traffic, lagMs }) => traffic === 'none' && lagMs > 0))
})

t.test('pollers throttle the controller, which then deregisters late', async (t) => {
  const fleet = { ...world, pods: 100, delayMs: 20_000 }
  const polled = await playFleet(fleet, everySecond)
  const left = await playFleet(fleet, sleepFor(60))
  const last = ({ pods }: FleetEnd) => Math.max(...pods.map((pod) => pod.deregisteredMs))
  t.ok(polled.controllerCalls.some(({ answer }) => answer === 'throttled'))
  t.ok(last(polled) > last(left), `${last(polled)} ${last(left)}`)
  const answered = [...polled.podCalls, ...polled.controllerCalls].filter((c) => c.answer === 'ok')
  const endMs = Math.max(...answered.map(({ atMs }) => atMs))
  t.ok(answered.length <= 40 + endMs / 100, 'no more is answered than the bucket has')
})

t.test('a hook that is answered too early is noticed, deregistered or not', async (t) => {
  const { pods } = await playFleet(world, sleepFor(1))
  t.ok(pods.every(({ traffic, lagMs }) => traffic === 'coming' && lagMs < 0))
})

t.test('an end has a row and two pictures', async (t) => {
  const end = await playFleet(world, everySecond)
  t.equal(fleetRow('poller', end).length, tableHead.length)
  t.equal(outcomesOf(end), 'deregistered 10')
  const named = [{ name: 'poller', end }]
  const calls = callsChart(named)
  const [points = []] = calls.series.map((series) => series.points)
  const total = points.filter((_, i) => i % 2 === 0).reduce((sum, [, rate]) => sum + rate * 5, 0)
  t.equal(Math.round(total), end.podCalls.length)
  const releases = releasesChart(named)
  t.equal(releases.series[0]?.points.at(-1)?.[1], 10)
  t.equal(releases.series[1]?.name, 'delay over')
  for (const chart of [calls, releases]) t.notMatch(chartSvg(chart), /NaN|Infinity|undefined/)
})
