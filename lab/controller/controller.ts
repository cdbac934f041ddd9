import type { Clock } from '../../src/clock.ts'
import type { Registry, TargetRef } from '../elbv2/registry.ts'

/** Where targets are registered: the registry itself, or a client of the API before it. */
export interface Balancer {
  register(arn: string, targets: TargetRef[]): void | Promise<void>
  deregister(arn: string, targets: TargetRef[]): void | Promise<void>
}

export interface ControllerOptions {
  arn: string
  /** The pods' port that is registered. */
  port: number
  /** From a pod's termination to its deregistration, in ms: drawn once for each pod. */
  lagMs: () => number
}

export interface ControllerDeps {
  balancer: Balancer
  registry: Pick<Registry, 'describe'>
  clock: Clock
}

/** The load balancer controller of one target group in IP mode. */
export interface Controller {
  /** The pod is ready: register it. */
  ready(ip: string): void
  /** The pod stays, but is not ready any more: deregister it without the lag of a termination. */
  unready(ip: string): void
  /** The pod terminates: deregister it after the lag. */
  terminating(ip: string): void
  /** The pod's readiness gate: its target is healthy. Stays as it was once the pod terminates. */
  gate(ip: string): boolean
  /** Resolves when nothing is being done any more. */
  close(): Promise<void>
}

type Wish = 'registered' | 'deregistered'

// The back-off of a controller's work queue: 5 ms, doubled up to 16 min 40 s.
const firstBackOffMs = 5
const longestBackOffMs = 1_000_000

/** A controller that has seen no pod yet. Failed calls are made again, slower each time. */
export function createController(options: ControllerOptions, deps: ControllerDeps): Controller {
  const { arn, port, lagMs } = options
  const { balancer, clock } = deps
  const closing = new AbortController()
  const { signal } = closing
  const wishes = new Map<string, Wish>()
  const work = new Map<string, Promise<void>>()
  const lastGates = new Map<string, boolean>()

  async function fulfil(ip: string, wish: Wish): Promise<void> {
    const target = [{ id: ip, port }]
    for (let backOffMs = firstBackOffMs; ; backOffMs = Math.min(2 * backOffMs, longestBackOffMs)) {
      if (signal.aborted || wishes.get(ip) !== wish) return
      try {
        await (wish === 'registered'
          ? balancer.register(arn, target)
          : balancer.deregister(arn, target))
        return
      } catch {
        await clock.sleepUntil(clock.now() + backOffMs, signal)
      }
    }
  }

  function want(ip: string, wish: Wish, delayMs: number): void {
    const atMs = clock.now() + delayMs
    const before = work.get(ip) ?? Promise.resolve()
    const after = before.then(async () => {
      await clock.sleepUntil(atMs, signal)
      await fulfil(ip, wish)
    })
    wishes.set(ip, wish)
    work.set(ip, after)
  }

  const healthy = (ip: string) =>
    deps.registry.describe(arn, [{ id: ip, port }])[0]?.state === 'healthy'

  return {
    ready: (ip) => want(ip, 'registered', 0),
    unready: (ip) => want(ip, 'deregistered', 0),
    terminating(ip) {
      if (lastGates.has(ip)) return
      lastGates.set(ip, healthy(ip))
      if (wishes.has(ip)) want(ip, 'deregistered', lagMs())
    },
    gate: (ip) => lastGates.get(ip) ?? healthy(ip),
    async close() {
      closing.abort()
      await Promise.all(work.values())
    },
  }
}
