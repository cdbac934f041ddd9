import type { Clock } from '../../src/time/clock.ts'
import type { TargetRef } from '../elbv2/health.ts'
import type { Registry } from '../elbv2/registry.ts'

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

/** A controller that has seen no pod yet. Failed calls are made again, slower each time. */
export function createController(options: ControllerOptions, deps: ControllerDeps): Controller {
  const { arn, port, lagMs } = options
  const { clock } = deps
  const closing = new AbortController()
  const { signal } = closing
  // The last wish for each pod, and the work that it waits behind.
  const wishes = new Map<string, symbol>()
  const work = new Map<string, Promise<void>>()
  const lastGates = new Map<string, boolean>()

  function want(ip: string, call: 'register' | 'deregister', delayMs = 0): void {
    const wish = Symbol(call)
    const atMs = clock.now() + delayMs
    const ask = () => deps.balancer[call](arn, [{ id: ip, port }])
    const wished = () => wishes.get(ip) === wish && !signal.aborted
    const before = work.get(ip) ?? Promise.resolve()
    wishes.set(ip, wish)
    work.set(
      ip,
      before
        .then(() => clock.sleepUntil(atMs, signal))
        .then(() => insist(ask, wished, clock, signal)),
    )
  }

  const healthy = (ip: string) =>
    deps.registry.describe(arn, [{ id: ip, port }])[0]?.state === 'healthy'

  return {
    ready: (ip) => want(ip, 'register'),
    unready: (ip) => want(ip, 'deregister'),
    terminating(ip) {
      if (lastGates.has(ip)) return
      lastGates.set(ip, healthy(ip))
      if (wishes.has(ip)) want(ip, 'deregister', lagMs())
    },
    gate: (ip) => lastGates.get(ip) ?? healthy(ip),
    async close() {
      closing.abort()
      await Promise.all(work.values())
    },
  }
}

// The back-off of a controller's work queue: 5 ms, doubled up to 16 min 40 s.
const firstBackOffMs = 5
const longestBackOffMs = 1_000_000

/** Makes a call until it succeeds or is no longer wished. */
async function insist(
  call: () => void | Promise<void>,
  wished: () => boolean,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (let waitMs = firstBackOffMs; wished(); waitMs = Math.min(2 * waitMs, longestBackOffMs)) {
    try {
      await call()
      return
    } catch {
      await clock.sleepUntil(clock.now() + waitMs, signal)
    }
  }
}
