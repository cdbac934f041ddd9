/**
 * Many pods at once, on one API budget with the controller that has to deregister them:
 * npm run bench:fleet -- [--pods 10,100,1000,10000] [--delay 300] [--seed 1]
 *
 * Then what the same crowd does to a pod that is deleted on its own, or in a long rollout.
 *
 * Draws the calls and releases of the largest fleet of one group into the folder of `--plots`.
 */
import { parseArgs } from 'node:util'
import { awsWait, everySecond, sdkWait, sleepFor } from '../world/alternatives.ts'
import { draingate } from '../world/draingate.ts'
import { say, textTable, wholeNumber } from '../world/print.ts'
import type { Wait } from '../world/wait.ts'
import { type FleetEnd, type FleetWorld, playFleet, together } from './fleet.ts'
import { type Named, writePlots } from './plots.ts'
import { fleetRow, legend, outcomesOf, tableHead } from './rows.ts'

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '10,100,1000,10000' },
    delay: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    plots: { type: 'string' },
  },
})
const seed = wholeNumber('seed', values.seed)
const delaySeconds = wholeNumber('delay', values.delay)
const sizes = values.pods.split(',').map((size) => wholeNumber('pods', size))
/** So many pods of one group, and so many groups beyond that. */
const [mostInOne, manyGroups] = [1_000, 50]
const graceMs = delaySeconds * 1_000 + 3_600_000
/** `alone`: so many worlds of one pod each, told in one row. */
const quietCases: readonly {
  readonly what: string
  readonly world: Pick<FleetWorld, 'pods' | 'staying' | 'withinMs'>
  readonly alone?: number
}[] = [
  {
    what: 'A rollout: 600 pods of a group of 1,200, one each second',
    world: { pods: 600, staying: 600, withinMs: 600_000 },
  },
  {
    what: 'A quarter of a group of 600, deleted within 10 s',
    world: { pods: 150, staying: 450, withinMs: 10_000 },
  },
  {
    what: 'One pod of a group of 600, a hundred times',
    world: { pods: 1, staying: 599, withinMs: 1 },
    alone: 100,
  },
]

const startedAtMs = performance.now()
say(legend)
let drawn: Named[] = []
for (const pods of sizes) {
  const groups = pods > mostInOne ? manyGroups : 1
  const world: FleetWorld = {
    ...{ pods, groups, staying: 1, seed },
    ...{ withinMs: 10_000, delayMs: delaySeconds * 1_000 },
  }
  const ends = await playAll(world)
  const rows = ends.map(({ name, end }) => fleetRow(name, end))
  const where = groups === 1 ? 'one group' : `${groups} groups`
  say(`\n${pods} pods of ${where}, deleted within 10 s; delay ${delaySeconds} s`)
  say(textTable([tableHead, ...rows]))
  say(ends.map(({ name, end }) => `${name}: ${outcomesOf(end)}`).join('\n'))
  if (groups === 1) drawn = ends
}
const delayMs = delaySeconds * 1_000
for (const { what, world, alone } of quietCases) {
  const rows: string[][] = []
  for (const mode of ['deregistered', 'settled'] as const) {
    const wait = draingate(mode, graceMs)
    const ends: FleetEnd[] = []
    for (let nth = 0; nth < (alone ?? 1); nth += 1) {
      ends.push(await playFleet({ ...world, groups: 1, delayMs, seed: seed + nth }, wait))
    }
    rows.push(fleetRow(wait.name, together(ends)))
  }
  say(`\n${what}; delay ${delaySeconds} s`)
  say(textTable([tableHead, ...rows]))
}
if (values.plots && drawn.length > 0) {
  const files = await writePlots(values.plots, drawn.slice(0, 4))
  say(`\nDrawn: ${files.join(', ')}`)
}
const tookMs = performance.now() - startedAtMs
say(`\nSeed ${seed}; took ${(tookMs / 1_000).toFixed(0)} s.`)

async function playAll(world: FleetWorld): Promise<Named[]> {
  const ends: Named[] = []
  for (const wait of waitsFor(world.pods)) {
    ends.push({ name: wait.name, end: await playFleet(world, wait) })
  }
  return ends
}

function waitsFor(pods: number): Wait[] {
  const pollers = pods > mostInOne ? [] : [everySecond]
  // Nobody looks: what the controller has to bear without any of them.
  const none = sleepFor(delaySeconds + 60)
  return [draingate('deregistered', graceMs), awsWait, sdkWait(3_600_000), ...pollers, none]
}
