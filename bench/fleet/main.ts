/**
 * Many pods at once, on one API budget with the controller that has to deregister them:
 * npm run bench:fleet -- [--pods 10,100,200,300,1000,10000] [--delays 30,300] [--seeds 3] [--seed 1]
 *
 * Each mode has the grace period that the docs recommend, and beside it a sleep as long as such a pod may
 * hold its hook. Then what becomes of a pod that is deleted on its own, or in a long rollout.
 *
 * Draws the calls and releases of the largest fleet of one group into the folder of `--plots`.
 */
import { parseArgs } from 'node:util'
import { awsWait, everySecond, sdkWait, sleepFor } from '../world/alternatives.ts'
import { draingate } from '../world/draingate.ts'
import { say, textTable, wholeNumber } from '../world/print.ts'
import type { Wait } from '../world/wait.ts'
import { crowd, documentedGraceMs, type FleetCase, holdSeconds, quietCases } from './cases.ts'
import { type FleetEnd, playFleet, together } from './fleet.ts'
import { type Named, writePlots } from './plots.ts'
import { fleetRow, legend, outcomesOf, tableHead } from './rows.ts'

const { values } = parseArgs({
  options: {
    pods: { type: 'string', default: '10,100,200,300,1000,10000' },
    delays: { type: 'string', default: '30,300' },
    seeds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    plots: { type: 'string' },
  },
})
const seed = wholeNumber('seed', values.seed)
const seeds = Math.max(1, wholeNumber('seeds', values.seeds))
const delays = values.delays.split(',').map((delay) => wholeNumber('delays', delay) * 1_000)
const sizes = values.pods.split(',').map((size) => wholeNumber('pods', size))
const modes = ['deregistered', 'idle', 'settled'] as const
/** The 1 s poller makes ten million calls for 10,000 pods; and one world of those takes long enough. */
const many = 1_000

const startedAtMs = performance.now()
say(legend)
let drawn: Named[] = []
for (const delayMs of delays) {
  for (const pods of sizes) {
    const fleet = crowd(pods, pods > many ? 1 : seeds)
    const ends = await playAll(fleet, delayMs, [...ours(delayMs), ...theirs(pods, delayMs)])
    say(ends.map(({ name, end }) => `${name}: ${outcomesOf(end)}`).join('\n'))
    if (fleet.world.groups === 1) drawn = ends
  }
  for (const quiet of quietCases) await playAll(quiet, delayMs, ours(delayMs))
}
if (values.plots && drawn.length > 0) {
  const sleeps = sleepFor(holdSeconds('deregistered', delays.at(-1) ?? 0)).name
  const shown = drawn.filter(({ name }) => name === sleeps || !/, idle|, settled|^sleep/.test(name))
  const files = await writePlots(values.plots, shown)
  say(`\nDrawn: ${files.join(', ')}`)
}
const tookMs = performance.now() - startedAtMs
say(`\nSeed ${seed}; took ${(tookMs / 1_000).toFixed(0)} s.`)

/** Plays a fleet with each wait, and prints a row for each. */
async function playAll(fleet: FleetCase, delayMs: number, waits: readonly Wait[]) {
  const ends: Named[] = []
  for (const wait of waits) {
    const worlds: FleetEnd[] = []
    for (let nth = 0; nth < fleet.seeds; nth += 1) {
      worlds.push(await playFleet({ ...fleet.world, delayMs, seed: seed + nth }, wait))
    }
    ends.push({ name: wait.name, end: together(worlds) })
  }
  const times = fleet.seeds === 1 ? '' : `, ${fleet.seeds} times`
  say(`\n${fleet.what}${fleet.world.pods === 1 ? '' : times}; delay ${delayMs / 1_000} s`)
  say(textTable([tableHead, ...ends.map(({ name, end }) => fleetRow(name, end))]))
  return ends
}

function ours(delayMs: number): Wait[] {
  return modes.map((mode) => draingate(mode, documentedGraceMs(mode, delayMs)))
}

/** What people use instead: nobody looks with a sleep, and the controller has the budget for itself. */
function theirs(pods: number, delayMs: number): Wait[] {
  const pollers = pods > many ? [] : [everySecond]
  const lengths = new Set([...modes.map((mode) => holdSeconds(mode, delayMs)), 40])
  return [awsWait, sdkWait(3_600_000), ...pollers, ...[...lengths].map(sleepFor)]
}
