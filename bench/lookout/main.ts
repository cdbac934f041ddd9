/**
 * What a lookout costs that looks for thousands of pods:
 * npm run bench:lookout -- [--sidecars 2000] [--waiting 1000,2000,4000]
 *
 * The bundle in dist/, with the flags of the image, over HTTP on loopback; with the lab's AWS and Kubernetes API, and
 * the sidecars of all pods in a process of their own, which put the questions of real drains. Memory and processor
 * time need Linux's /proc.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { between, createChance } from '../../lab/chance.ts'
import { type Server, startServer } from '../footprint/process.ts'
import { flags } from '../footprint/programs.ts'
import { memoryOf } from '../footprint/usage.ts'
import { say, wholeNumber } from '../world/print.ts'
import { crowdTable, waitingTable } from './rows.ts'
import type { Orders, Told } from './sidecars.ts'
import { watch } from './watch.ts'
import { graceMs, startWorld } from './world.ts'

const { values } = parseArgs({
  options: {
    sidecars: { type: 'string', default: '2000' },
    waiting: { type: 'string', default: '1000,2000,4000' },
    // Where a processor profile of the lookout goes.
    profile: { type: 'string' },
  },
})
const sidecars = wholeNumber('sidecars', values.sidecars)
const waiting = values.waiting.split(',').map((one) => wholeNumber('waiting', one))
const withinMs = 10_000
const [settledMs, chance] = [3_000, createChance(1)]

const startedAtMs = performance.now()
const cache = await mkdtemp(join(tmpdir(), 'draingate-cache-'))
const world = await startWorld(sidecars)
const program = world.program({ node: process.execPath, cache })
const profiling = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : []
try {
  // As the image is built: what it compiles when it starts is there for the next one.
  await (await startServer(program)).stop()
  const server = await startServer({ ...program, args: [...profiling, ...program.args] })
  try {
    say(`Node.js ${process.version} ${flags.join(' ')}`)
    await measure(server)
  } finally {
    await server.stop()
  }
} finally {
  await world.close()
  await rm(cache, { recursive: true, force: true })
}
say(`\nTook ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s.`)

async function measure(server: Server): Promise<void> {
  await setTimeout(settledMs)
  const idle = memoryOf(server.pid)
  const one = { ...orders(server, 1), withinMs: 1 }
  const alone = await watch(server, drainAll(one))
  const crowd = await watch(server, drainAll(orders(server, sidecars - 1)))
  await setTimeout(settledMs)
  const after = memoryOf(server.pid)
  say(
    crowdTable({ idle, after, rows: { '1 sidecar': alone, [`${sidecars - 1} sidecars`]: crowd } }),
  )

  // Nobody has a turn as long as AWS does not answer.
  world.aws.faults.add({ kind: 'hang' })
  const points = [{ waiting: 0, memory: memoryOf(server.pid) }]
  for (const count of waiting) {
    const each = Math.ceil(count / world.pods.length)
    const pods = world.pods.slice(0, Math.floor(count / each))
    const waits = ordered({ ...orders(server, 0), pods, withinMs: 0, questionsEach: each })
    await setTimeout(2 * settledMs)
    points.push({ waiting: pods.length * each, memory: memoryOf(server.pid) })
    await waits
  }
  say(`\n${waitingTable(points)}`)
}

/** The last pods, so that each is drained once. */
function orders({ url }: Server, count: number): Orders {
  const pods = count === 1 ? world.pods.slice(-1) : world.pods.slice(0, count)
  return { url, pods, graceMs, withinMs, questionsEach: 1 }
}

/** The pods are deleted as their hooks are called, and deregistered 1-10 s after that. */
async function drainAll(which: Orders): Promise<Told> {
  const told = ordered(which)
  const everyMs = which.withinMs / which.pods.length
  const startMs = performance.now()
  for (const [n, pod] of which.pods.entries()) {
    const leftMs = startMs + n * everyMs - performance.now()
    if (leftMs > 1) await setTimeout(leftMs)
    world.delete(pod)
    void setTimeout(between(chance, [1_000, 10_000])).then(() => world.deregister(pod))
  }
  return told
}

async function ordered(which: Orders): Promise<Told> {
  const child = fork(join(import.meta.dirname, 'sidecars.ts'))
  child.send(which)
  const [told] = await once(child, 'message')
  return told as Told
}
