/**
 * Many pods at once, on one API budget with the controller that has to deregister them:
 * npm run bench:fleet -- [--fleets crowds,groups,quiet,away,huge] [--pods 10,100,300,1000,10000]
 *   [--groups 20,50,100,200,500] [--delays 30,300] [--seeds 3] [--seed 1]
 *
 * Each mode has the grace period that the docs recommend: with two lookouts, and with pods that look for themselves;
 * and beside them a sleep as long as such a pod may hold its hook. `huge`, which only runs when it is named, are
 * 100,000 pods: minutes, and some GB.
 *
 * Draws the calls and releases of the largest fleet of one group into the folder of `--plots`.
 */
import { parseArgs } from 'node:util'
import { sleepFor } from '../world/alternatives.ts'
import { say, textTable, wholeNumber } from '../world/print.ts'
import type { SharedWait, Wait } from '../world/wait.ts'
import {
  awayCase,
  crowd,
  type FleetCase,
  holdSeconds,
  hundredThousand,
  manyGroups,
  quietCases,
} from './cases.ts'
import { type FleetEnd, playFleet, together } from './fleet.ts'
import { type Named, writePlots } from './plots.ts'
import { fleetRow, legend, outcomesOf, tableHead } from './rows.ts'
import {
  byThemselves,
  inMany,
  lookedFor,
  type Modes,
  modesOf,
  sleeps,
  theirs,
  withAway,
} from './waits.ts'

const { values } = parseArgs({
  options: {
    fleets: { type: 'string', default: 'crowds,groups,quiet,away' },
    pods: { type: 'string', default: '10,100,300,1000,10000' },
    groups: { type: 'string', default: '20,50,100,200,500' },
    delays: { type: 'string', default: '30,300' },
    seeds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    plots: { type: 'string' },
  },
})
const seed = wholeNumber('seed', values.seed)
const seeds = Math.max(1, wholeNumber('seeds', values.seeds))
const numbers = (flag: 'pods' | 'groups' | 'delays') =>
  values[flag].split(',').map((one) => wholeNumber(flag, one))
const [sizes, groups, delaysSeconds] = [numbers('pods'), numbers('groups'), numbers('delays')]
const fleets = values.fleets.split(',')

const startedAtMs = performance.now()
say(legend)
let drawn: Named[] = []
for (const delayMs of delaysSeconds.map((seconds) => seconds * 1_000)) {
  const which = delayMs === (delaysSeconds[0] ?? 0) * 1_000 ? 'first' : 'further'
  const [few, many] = [modesOf('few', which), modesOf('many', which)]
  if (fleets.includes('crowds')) {
    for (const pods of sizes) await playCrowd(crowd(pods, seeds), delayMs, { few, many })
  }
  if (fleets.includes('groups')) {
    for (const each of groups) await playAll(manyGroups(each), delayMs, inMany(delayMs, many))
  }
  if (fleets.includes('quiet')) {
    const waits = [...lookedFor(delayMs, few), ...byThemselves(delayMs, few)]
    for (const quiet of quietCases) await playAll(quiet, delayMs, waits)
  }
  if (fleets.includes('away')) tellOutcomes(await playAll(awayCase, delayMs, withAway(delayMs)))
  if (fleets.includes('huge')) {
    tellOutcomes(await playAll(hundredThousand, delayMs, lookedFor(delayMs, ['settled'])))
  }
}
if (values.plots && drawn.length > 0) {
  const asleep = sleepFor(holdSeconds('deregistered', (delaysSeconds.at(-1) ?? 0) * 1_000)).name
  const shown = drawn.filter(({ name }) => name === asleep || !/, idle|, settled|^sleep/.test(name))
  const files = await writePlots(values.plots, shown)
  say(`\nDrawn: ${files.join(', ')}`)
}
const tookMs = performance.now() - startedAtMs
say(`\nSeed ${seed}; took ${(tookMs / 1_000).toFixed(0)} s.`)

async function playCrowd(
  { size, fleet }: ReturnType<typeof crowd>,
  delayMs: number,
  { [size]: modes }: Record<'few' | 'many', Modes>,
): Promise<void> {
  const waits = [...lookedFor(delayMs, modes), ...byThemselves(delayMs, modes)]
  const besides = size === 'many' ? sleeps(delayMs, modes) : theirs(delayMs, modes)
  const ends = await playAll(fleet, delayMs, [...waits, ...besides])
  tellOutcomes(ends)
  if (fleet.world.groups === 1) drawn = ends
}

/** Plays a fleet with each wait, and prints a row for each. */
async function playAll(fleet: FleetCase, delayMs: number, waits: readonly (Wait | SharedWait)[]) {
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

function tellOutcomes(ends: readonly Named[]): void {
  const told = ends.filter(({ name }) => !name.startsWith('sleep'))
  say(told.map(({ name, end }) => `${name}: ${outcomesOf(end)}`).join('\n'))
}
