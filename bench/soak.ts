/**
 * Folds many worlds through the policy, and plays many crowds:
 * npm run soak -- [--count 300000] [--crowds 300] [--seed N]
 *
 * Prints the seed and the smallest failing world, and ends with code 1, when the promise breaks.
 */
import { inspect, parseArgs } from 'node:util'
import fc from 'fast-check'
import { anyWorld } from '../test/proof/arbitrary-world.ts'
import { crowds, ours, worseThanSleep } from '../test/proof/fleet.ts'
import { foldDrain } from '../test/proof/fold.ts'
import { wrongs } from '../test/proof/properties.ts'
import type { World } from '../test/proof/world.ts'
import { wholeNumber } from './world/print.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '300000' },
    crowds: { type: 'string', default: '300' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const [count, seed] = [wholeNumber('count', values.count), wholeNumber('seed', values.seed)]
const outcomes = new Map<string, number>()
const say = (line: string) => process.stdout.write(`${line}\n`)

function holds(world: World): void {
  const trace = foldDrain(world)
  for (const { outcome } of trace.ends) {
    outcomes.set(outcome.kind, (outcomes.get(outcome.kind) ?? 0) + 1)
  }
  const wrong = wrongs(world, trace)
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
}

say(`${count} worlds, seed ${seed}`)
const startedAtMs = performance.now()
const result = fc.check(fc.property(anyWorld, holds), {
  numRuns: count,
  seed,
})
const seconds = (performance.now() - startedAtMs) / 1_000
if (result.failed) {
  const [world] = result.counterexample ?? []
  say(`failed after ${result.numRuns} worlds, shrunk ${result.numShrinks} times:`)
  say(inspect(world, { depth: null }))
  say(String(result.errorInstance))
  process.exitCode = 1
}
for (const [kind, times] of [...outcomes].sort(([, a], [, b]) => b - a)) {
  say(`${kind.padEnd(16)}${times}`)
}
say(`${Math.round(result.numRuns / seconds)} worlds per second`)

const many = wholeNumber('crowds', values.crowds)
say(`\n${many} crowds`)
const played = await fc.check(
  fc.asyncProperty(crowds, async (crowd) => {
    const wrong = await worseThanSleep(crowd, ours(crowd))
    if (wrong.length > 0) throw new Error(wrong.join('\n'))
  }),
  { numRuns: many, seed, endOnFailure: true },
)
if (played.failed) {
  say(inspect(played.counterexample, { depth: null }))
  say(String(played.errorInstance))
  process.exitCode = 1
}
