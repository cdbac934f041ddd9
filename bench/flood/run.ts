import { fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startBalancer } from '../footprint/balancer.ts'
import { type Program, type Server, startServer } from '../footprint/process.ts'
import { draingate, type Runtime } from '../footprint/programs.ts'
import { memoryOf } from '../footprint/usage.ts'
import { createMemoryGroup } from './cgroup.ts'
import type { Told } from './flooder.ts'
import type { Flood } from './floods.ts'
import { type Called, callHook, keepProbing, type Probed } from './kubelet.ts'

/** What came of one flood. */
export interface Run {
  readonly name: string
  /** Bytes; undefined where it cannot be measured. */
  readonly groupPeak: number | undefined
  readonly rssPeak: number | undefined
  readonly kills: number
  /** When a hook was due: the settle time after the first was called. */
  readonly dueAtMs: number
  /** Called before, in and after the flood. */
  readonly hooks: readonly Called[]
  readonly probed: Probed
  readonly shed: number
}

export interface Conditions {
  readonly on: Runtime
  readonly limitBytes: number
  /** How long the drain takes: all has to happen in that time. Milliseconds. */
  readonly drainMs: number
  /** Whether draingate is told the node's address. */
  readonly node: 'known' | 'unknown'
}

/** Of the drain: when the flood begins, when a hook is called in it, and when it has to be over. */
const [floodAt, hookAt, overAt] = [0.05, 0.15, 0.75]
const probeEveryMs = 250

/** A drain of a pod that has left already and only has to settle, with a flood in the middle of it. */
export async function runFlood(flood: Flood, conditions: Conditions): Promise<Run> {
  const group = createMemoryGroup(conditions.limitBytes)
  const balancer = await startBalancer()
  balancer.deregister()
  try {
    const program = programFor(conditions, balancer.settings)
    const server = await startServer('said' in group ? program : group.inside(program))
    try {
      const played = await play(flood, server, conditions.drainMs)
      const rssPeak = memoryOf(server.pid)?.peak
      const limited =
        'said' in group
          ? { groupPeak: undefined, kills: 0 }
          : { groupPeak: group.peak(), kills: group.kills() }
      return { name: flood.name, ...played, ...limited, rssPeak }
    } finally {
      await server.end()
    }
  } finally {
    await balancer.close()
    if (!('said' in group)) await group.remove()
  }
}

async function play(flood: Flood, server: Server, drainMs: number) {
  const over = new AbortController()
  const probing = keepProbing(server.url, probeEveryMs, over.signal)
  const startedAtMs = performance.now()
  const upTo = (part: number) =>
    setTimeout(Math.max(0, startedAtMs + part * drainMs - performance.now()))
  try {
    const before = callHook(server.url)
    await upTo(floodAt)
    const flooder = startFlooder(flood, server)
    await upTo(hookAt)
    const during = callHook(server.url)
    await Promise.race([upTo(overAt), flooder.up.then(() => setTimeout(drainMs / 10))])
    const shed = await flooder.stop()
    const after = callHook(server.url)
    const hooks = await Promise.all([before, during, after])
    over.abort()
    return { hooks, shed, dueAtMs: startedAtMs + drainMs, probed: await probing }
  } finally {
    over.abort()
  }
}

function programFor({ on, drainMs, node }: Conditions, settings: Record<string, string>): Program {
  return draingate(on, {
    ...settings,
    ...{ GRACE_PERIOD_SECONDS: '600', RELEASE_WHEN: 'settled' },
    SETTLE_SECONDS: String(drainMs / 1_000),
    ...(node === 'known' ? { HOST_IP: '127.0.0.1' } : {}),
  })
}

function startFlooder(flood: Flood, { url }: Server) {
  const flooding = JSON.stringify({ ...flood, port: Number(new URL(url).port) })
  const child = fork(join(import.meta.dirname, 'flooder.ts'), [flooding])
  const up = Promise.withResolvers<void>()
  const over = Promise.withResolvers<number>()
  child.on('message', (message: Told) => {
    if (message.kind === 'up') up.resolve()
    else over.resolve(message.shed)
  })
  child.once('exit', () => over.reject(new Error('the flooder ended by itself')))
  return {
    /** Resolves when all of it is there. */
    up: up.promise,
    /** Ends it; how many connections it had lost by then. */
    stop(): Promise<number> {
      child.send('stop')
      return over.promise
    },
  }
}
