/**
 * How often each way of waiting looks, how late it lets go, and how often too early:
 * npm run bench:pace -- [--runs 500] [--delays 5,30,120,300] [--seed 1]
 *
 * Every wait gets the same worlds, each on a clock of its own that is moved by hand.
 */
import { parseArgs } from 'node:util'
import {
  awsWait,
  everySecond,
  listingEvery250Ms,
  sdkWait,
  sleepFor,
} from '../world/alternatives.ts'
import { draingate } from '../world/draingate.ts'
import { say, textTable, wholeNumber } from '../world/print.ts'
import type { Wait } from '../world/wait.ts'
import { legend, paceRow, paceSummary, tableHead } from './rows.ts'
import { type Held, holdIn, type LoadBalancer, paceWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '500' },
    delays: { type: 'string', default: '5,30,120,300' },
    seed: { type: 'string', default: '1' },
  },
})
const runs = Math.max(1, wholeNumber('runs', values.runs))
const seed = wholeNumber('seed', values.seed)

const kinds: readonly LoadBalancer[] = ['ALB', 'NLB']
const delaysMs = values.delays.split(',').map((delay) => wholeNumber('delays', delay) * 1_000)
// Ample: a deadline would be all that is measured.
const graceMs = Math.max(...delaysMs) + 3_600_000
const waits: readonly Wait[] = [
  draingate('deregistered', graceMs),
  draingate('idle', graceMs),
  draingate('settled', graceMs),
  awsWait,
  sdkWait(graceMs),
  everySecond,
  listingEvery250Ms,
  sleepFor(40),
  sleepFor(300),
]

const startedAtMs = performance.now()
say(legend)
const all = new Map<Wait, Held[]>(waits.map((wait) => [wait, []]))
for (const kind of kinds) {
  for (const delayMs of delaysMs) {
    const rows: string[][] = []
    for (const wait of waits) {
      const held = await holdAll(wait, kind, delayMs)
      rows.push(paceRow(wait.name, held))
      all.get(wait)?.push(...held)
    }
    say(`\n${kind}, deregistration delay ${delayMs / 1_000} s, ${runs} hooks each`)
    say(textTable([tableHead, ...rows]))
  }
}
say(`\n${paceSummary([...all].map(([{ name }, held]) => ({ name, held })))}`)
const tookMs = performance.now() - startedAtMs
say(`\nSeed ${seed}; took ${(tookMs / 1_000).toFixed(0)} s.`)

/** The worlds of one seed side by side, some at a time: each has its own clock. */
async function holdAll(wait: Wait, kind: LoadBalancer, delayMs: number): Promise<Held[]> {
  const held: Held[] = []
  for (let from = 0; from < runs; from += 100) {
    const some = Array.from({ length: Math.min(100, runs - from) }, (_, i) =>
      holdIn(paceWorld(kind, delayMs, seed * 1_000_003 + from + i), wait),
    )
    held.push(...(await Promise.all(some)))
  }
  return held
}
