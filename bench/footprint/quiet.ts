import { setTimeout } from 'node:timers/promises'
import type { Program } from './process.ts'
import { request, type Server, startServer } from './process.ts'
import { cpuMsOf, type Memory, memoryOf } from './usage.ts'

/** A server that has nothing to do but answer its probes. */
export interface Quiet {
  readonly memory: Memory | undefined
  /** What it used in the quiet time, in milliseconds of processor time. */
  readonly cpuMs: number | undefined
}

/** How long until the first answer, in milliseconds, for some starts of each in turn. */
export async function readyTimes(programs: readonly Program[], starts: number) {
  const times: number[][] = programs.map(() => [])
  for (let start = 0; start < starts; start += 1) {
    for (const [i, program] of programs.entries()) {
      const server = await startServer(program)
      times[i]?.push(server.readyMs)
      await server.end()
    }
  }
  return times
}

const warmUpMs = 2_000

/** Leaves servers alone for a while, but for a liveness and a readiness probe now and then. */
export async function keepQuiet(
  servers: readonly Server[],
  forMs: number,
  probeEveryMs: number,
): Promise<Quiet[]> {
  await setTimeout(warmUpMs)
  const before = servers.map(({ pid }) => cpuMsOf(pid))
  for (let spentMs = 0; spentMs < forMs; spentMs += probeEveryMs) {
    await setTimeout(Math.min(probeEveryMs, forMs - spentMs))
    for (const server of servers) await probe(server)
  }
  return servers.map(({ pid }, i) => {
    const [from, to] = [before[i], cpuMsOf(pid)]
    const cpuMs = from === undefined || to === undefined ? undefined : to - from
    return { memory: memoryOf(pid), cpuMs }
  })
}

/** What the kubelet asks in one period. */
export async function probe({ url }: Server): Promise<void> {
  await request(`${url}/livez`)
  await request(`${url}/readyz`)
}
