/** npm run demo: four rolling updates of a small web app under load, and what came of them. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { clock } from '../../src/time/clock.ts'
import { told } from '../kubelet/told.ts'
import { type Load, succeeded } from '../load/load.ts'
import { reportPage } from './html.ts'
import { type Audience, play } from './play.ts'
import { type Figures, figuresOf, type Record } from './record.ts'
import { scenarios, world } from './scenario.ts'

const { values } = parseArgs({ options: { seed: { type: 'string' } } })
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6))
if (!Number.isSafeInteger(seed) || seed < 0) {
  say(`--seed: '${values.seed}' is not a whole number`)
  process.exit(2)
}

const facts = `${world.replicas} pods of a small web app behind the lab's load balancer, ${world.requestsPerSecond} requests a second, a rolling update. The lab is as slow as AWS: after a deregistration the load balancer goes on sending for ${range(world.propagationMs)}, the controller deregisters ${range(world.lagMs)} after the deletion and now and then only after ${range(world.slowLagMs)}, the deregistration delay is ${world.deregistrationDelayMs / 1_000} s. Seed ${seed}.`
say(`${facts}\n`)

const startedMs = clock.now()
const loads = new Map<string, Load>()
const over = new AbortController()
void tellOfLoads(over.signal)
const records: Record[] = await Promise.all(
  scenarios.map((scenario) => play(scenario, seed, clock, narrator(scenario.name))),
)
over.abort()
say(`\n${textTable(records.map(figuresOf))}`)
const report = 'demo-report.html'
await writeFile(report, reportPage(records, facts))
say(`\nEvery pod's timeline: ${report}. The same luck again: npm run demo -- --seed ${seed}`)

/** Tells of one scenario as it happens. */
function narrator(name: string): Audience {
  const tell = (pod: string, text: string) => say(`${at()}  ${name.padEnd(10)}  ${pod}  ${text}`)
  return {
    event(event) {
      const text = told(event)
      if (text) tell(event.pod, text)
    },
    line({ pod, text }) {
      const closing = /"msg":"(released [^"]+)"/.exec(text)
      if (closing) tell(pod, `draingate: ${closing[1]}`)
    },
    loaded(load) {
      loads.set(name, load)
    },
  }
}

async function tellOfLoads(signal: AbortSignal) {
  while (!signal.aborted) {
    await clock.sleepUntil(clock.now() + 5_000, signal)
    const failed = [...loads].map(
      ([name, { samples }]) => `${name} ${samples.filter((one) => !succeeded(one)).length}`,
    )
    if (failed.length > 0 && !signal.aborted) say(`${at()}  failed so far: ${failed.join(', ')}`)
  }
}

function at(): string {
  return `${((clock.now() - startedMs) / 1_000).toFixed(1).padStart(6)} s`
}

function textTable(figures: readonly Figures[]): string {
  const head = ['', 'requests', 'failed', 's per pod', 'longest', 's in all']
  const rows = figures.map((f) => [
    f.name,
    String(f.requests),
    String(f.failed),
    ...[f.podSeconds, f.longestPodSeconds, f.seconds].map((seconds) => seconds.toFixed(1)),
  ])
  return [head, ...rows]
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(14) : cell.padStart(11))).join(''))
    .join('\n')
}

function range([low, high]: readonly [number, number]): string {
  return `${low / 1_000} to ${high / 1_000} s`
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
