/** npm run demo: four rolling updates of a small web app under load, and what came of them. */
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { clock } from '../../src/clock.ts'
import type { PodEvent } from '../kubelet/spec.ts'
import { succeeded } from '../load/load.ts'
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

const facts = `${world.replicas} pods of a small web app behind the lab's load balancer, ${world.requestsPerSecond} requests a second, a rolling update. The lab is ${world.timesFaster} times as fast as AWS: after a deregistration the load balancer goes on sending for ${range(world.propagationMs)}, the controller deregisters ${range(world.lagMs)} after the deletion and now and then only after ${range(world.slowLagMs)}, the deregistration delay is ${world.deregistrationDelayMs / 1_000} s. Seed ${seed}.`
say(`${facts}\n`)

const records: Record[] = []
for (const scenario of scenarios) {
  say(`\n${scenario.name}`)
  records.push(await play(scenario, seed, clock, narrator()))
}
say(`\n${textTable(records.map(figuresOf))}`)
const report = 'demo-report.html'
await writeFile(report, reportPage(records, facts))
say(`\nEvery pod's timeline: ${report}. The same luck again: npm run demo -- --seed ${seed}`)

/** Tells of one scenario as it happens. */
function narrator(): Audience {
  let first: number | undefined
  const at = (ms: number) => {
    first ??= ms
    return `${((ms - first) / 1_000).toFixed(1).padStart(6)} s`
  }
  return {
    event(event) {
      const text = told(event)
      if (text) say(`${at(event.atMs)}  ${event.pod}  ${text}`)
    },
    line({ pod, text }) {
      const closing = /"msg":"(released [^"]+)"/.exec(text)
      if (closing) say(`${at(clock.now())}  ${pod}  draingate: ${closing[1]}`)
    },
    pulse({ samples }) {
      const failed = samples.filter((sample) => !succeeded(sample)).length
      say(`${at(clock.now())}  ${samples.length} requests, ${failed} failed`)
    },
  }
}

function told({ kind, container, detail }: PodEvent): string | undefined {
  switch (kind) {
    case 'ready':
    case 'deleted':
    case 'ended':
      return kind
    case 'hook-started':
      return 'preStop hook called'
    case 'hook-ended':
      return 'preStop hook answered'
    case 'hook-failed':
      return `preStop hook failed: ${detail}`
    case 'sigterm':
      return container === 'app' ? 'SIGTERM for the app' : undefined
    case 'sigkill':
      return `SIGKILL for ${container}`
    default:
      return undefined
  }
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
