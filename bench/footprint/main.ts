/**
 * What the sidecar costs in memory and time, beside a server that does nothing, under the same flags:
 * npm run bench:footprint -- [--quick] [--lines 22,24,26]
 *
 * Measures the bundle in dist/. `--lines` installs those Node.js lines into temporary folders; without
 * it, the Node.js that runs this is measured on. Memory and processor time need Linux's /proc.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { say } from '../world/print.ts'
import { holdHooks, manyDrains, manyProbes } from './busy.ts'
import { startCluster } from './cluster.ts'
import { type Line, ownLine, withLine } from './lines.ts'
import { type Running, type Server, start, startServer } from './process.ts'
import { bareServer, draingate, flags, type Runtime, sleep } from './programs.ts'
import { keepQuiet, readyTimes } from './quiet.ts'
import { pointsTable, quietTable } from './rows.ts'
import { memoryOf } from './usage.ts'

const { values } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, lines: { type: 'string' } },
})
/** In a day there are 8,640 periods of ten seconds. */
const size = values.quick
  ? { starts: 3, quietMs: 10_000, probeEveryMs: 5_000, drains: 100, periods: 864 }
  : { starts: 15, quietMs: 60_000, probeEveryMs: 10_000, drains: 1_000, periods: 8_640 }
// Nobody asks AWS before the first hook.
const idleSettings = {
  TARGET_GROUP_ARNS:
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/idle/0123456789abcdef',
  POD_IPS: '10.0.1.7',
}

if (!memoryOf(process.pid)) say('No /proc here: memory and processor time are not measured (-).')
const startedAtMs = performance.now()
if (values.lines === undefined) await measure(ownLine)
else for (const line of values.lines.split(',')) await withLine(line.trim(), measure)
say(`\nTook ${((performance.now() - startedAtMs) / 1_000).toFixed(0)} s.`)

async function measure({ version, node }: Line): Promise<void> {
  say(`\nNode.js ${version} ${flags.join(' ')}`)
  const cache = await mkdtemp(join(tmpdir(), 'draingate-cache-'))
  try {
    await measureOn({ node, cache })
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
}

async function measureOn(on: Runtime): Promise<void> {
  // As the image is built: what it compiles when it starts is there for those that follow.
  const first = await startServer(draingate(on, idleSettings))
  await first.stop()
  await measureQuiet(on)
  say(`\ndraingate, hooks of a pod in a group of 1,000 targets`)
  say(pointsTable(await holdHooks(on)))
  const { points, outcomes, looks } = await manyDrains(on, size.drains)
  say(`\ndraingate, one drain after the other\n${pointsTable(points)}`)
  say(`${looks} looks; ${[...outcomes].map(([kind, times]) => `${kind} ${times}`).join(', ')}`)
  for (const [name, program] of [
    ['draingate', draingate(on, idleSettings)],
    ['bare server', bareServer(on)],
  ] as const) {
    say(`\n${name}, a liveness and a readiness probe in each period`)
    say(pointsTable(await manyProbes(program, size.periods)))
  }
}

async function measureQuiet(on: Runtime): Promise<void> {
  const cluster = await startCluster()
  const programs = {
    draingate: draingate(on, cluster.settings),
    'without cluster': draingate(on, idleSettings),
    'without cache': draingate({ node: on.node }, cluster.settings),
    'bare server': bareServer(on),
  }
  const started: Running[] = []
  try {
    const times = await readyTimes(Object.values(programs), size.starts)
    const servers: Server[] = []
    for (const program of Object.values(programs)) {
      const server = await startServer(program)
      servers.push(server)
      started.push(server)
    }
    const sleeper = existsSync(sleep.command) ? await start(sleep) : undefined
    if (sleeper) started.push(sleeper)
    const quiet = await keepQuiet(servers, size.quietMs, size.probeEveryMs)
    const rows = Object.keys(programs).map((name, i) => ({
      ...{ name, readyMs: times[i] ?? [], cpuMs: undefined, memory: undefined },
      ...quiet[i],
    }))
    say(quietTable(rows, sleeper && memoryOf(sleeper.pid), size.quietMs))
  } finally {
    await Promise.all(started.map((one) => one.end()))
    await cluster.close()
  }
}
