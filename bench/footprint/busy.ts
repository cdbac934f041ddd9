import { setTimeout } from 'node:timers/promises'
import { startBalancer } from './balancer.ts'
import { inspected, liveHeap } from './live-heap.ts'
import { type Program, request, type Server, startServer } from './process.ts'
import { draingate, type Runtime } from './programs.ts'
import { probe } from './quiet.ts'
import { type Memory, memoryOf } from './usage.ts'

/** Memory at a point of a server's life. */
export interface Point {
  readonly name: string
  readonly memory: Memory | undefined
  /** Bytes of the heap that are in use, all garbage collected; where it was asked for. */
  readonly liveHeap?: number
}

const settledMs = 1_000

/** A hook that is held, then many, then the end of the drain. */
export async function holdHooks(on: Runtime): Promise<Point[]> {
  const balancer = await startBalancer()
  const server = await startServer(
    draingate(on, {
      ...balancer.settings,
      ...{ GRACE_PERIOD_SECONDS: '600', RELEASE_WHEN: 'settled', SETTLE_SECONDS: '3' },
      // Nobody else may have 500 of them.
      HOST_IP: '127.0.0.1',
    }),
  )
  const points: Point[] = []
  const note = (name: string) => void points.push({ name, memory: memoryOf(server.pid) })
  const given = new AbortController()
  try {
    await setTimeout(settledMs)
    note('idle')
    const hooks = [request(`${server.url}/prestop`, given.signal)]
    await setTimeout(4 * settledMs)
    note('1 hook held')
    for (let i = 1; i < 500; i += 1) hooks.push(request(`${server.url}/prestop`, given.signal))
    await setTimeout(4 * settledMs)
    note('500 hooks held')
    balancer.deregister()
    await Promise.all(hooks)
    note('all answered')
  } finally {
    given.abort()
    await server.end()
    await balancer.close()
  }
  return points
}

/**
 * One drain after the other, each with a listing of a thousand targets, in the shortest grace period
 * that ends of itself.
 */
export async function manyDrains(on: Runtime, drains: number) {
  const [graceMs, reserveMs] = [150, 20]
  const balancer = await startBalancer()
  balancer.deregister()
  const settings = {
    ...{ RELEASE_WHEN: 'settled', SETTLE_SECONDS: '0', FALLBACK_SECONDS: '0.1' },
    ...{ GRACE_PERIOD_SECONDS: `${graceMs / 1_000}`, RESERVE_SECONDS: `${reserveMs / 1_000}` },
  }
  const server = await startServer(inspected(draingate(on, { ...balancer.settings, ...settings })))
  const outcomes = new Map<string, number>()
  try {
    const points = await repeat(server, drains, 'drains', async () => {
      const startedAtMs = performance.now()
      const { outcome } = JSON.parse(await request(`${server.url}/prestop`))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
      // A hook within the grace period would join the drain that is over.
      await setTimeout(Math.max(0, startedAtMs + graceMs + 5 - performance.now()))
    })
    return { points, outcomes, looks: balancer.looks() }
  } finally {
    await server.end()
    await balancer.close()
  }
}

/** A day of probes, each period of them as soon as the one before is answered. */
export async function manyProbes(program: Program, periods: number): Promise<Point[]> {
  const server = await startServer(inspected(program))
  try {
    return await repeat(server, periods, 'periods of probes', () => probe(server))
  } finally {
    await server.end()
  }
}

async function repeat(
  { pid, inspector }: Server,
  times: number,
  what: string,
  once: () => Promise<void>,
): Promise<Point[]> {
  const points: Point[] = []
  const marks = [times / 10, times / 2, times].map(Math.round)
  for (let done = 1; done <= times; done += 1) {
    await once()
    if (!marks.includes(done)) continue
    await setTimeout(settledMs)
    const collected = inspector === undefined ? {} : { liveHeap: await liveHeap(inspector) }
    const name = `after ${done.toLocaleString('en')} ${what}`
    points.push({ name, memory: memoryOf(pid), ...collected })
  }
  return points
}
