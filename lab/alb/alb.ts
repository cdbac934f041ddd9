import { Agent, createServer } from 'node:http'
import type { Clock } from '../../src/time/clock.ts'
import type { Registry } from '../elbv2/registry.ts'
import { listenOnLoopback } from '../loopback.ts'
import type { Network } from '../network.ts'
import { type Failure, forward } from './forward.ts'
import { type HealthCheck, watchHealth } from './health.ts'

export interface AlbOptions {
  /** The target group behind it. */
  arn: string
  healthCheck?: HealthCheck
  /** How long a target may be silent before the client gets a 504. Default 60 000. */
  requestTimeoutMs?: number
  /** Told every request that the client got an error for, or only a part of the answer. */
  onFailure?: ((failure: Failure) => void) | undefined
}

export interface AlbDeps {
  registry: Pick<Registry, 'describe' | 'report' | 'inRotation'>
  network: Network
  clock: Clock
}

/** The data plane of one Application Load Balancer with one target group. */
export interface Alb {
  /** Where clients send their requests. */
  readonly url: string
  /** Cuts every connection and stops the health checks. */
  close(): Promise<void>
}

// ALB keeps an idle connection for 60 s, towards clients and targets alike (idle_timeout).
const idleMs = 60_000
const mostConnections = 10_000

/**
 * A reverse proxy on 127.0.0.1 that behaves as an ALB does towards the pods of one target group:
 * round robin over what the registry has in rotation, kept connections, health checks; 502 when
 * a target refuses or resets (a kept connection that it has just closed included), 504 when it is
 * silent for too long, 503 when there is none.
 */
export async function createAlb(options: AlbOptions, deps: AlbDeps): Promise<Alb> {
  const { arn, requestTimeoutMs = idleMs, onFailure } = options
  const closing = new AbortController()
  const agent = new Agent({ keepAlive: true, timeout: idleMs, maxFreeSockets: mostConnections })
  let turn = 0

  function next() {
    const targets = deps.registry.inRotation(arn)
    turn += 1
    return targets[turn % targets.length]
  }

  const server = createServer((request, response) =>
    forward(request, response, {
      ...{ agent, next, requestTimeoutMs },
      resolve: deps.network.resolve,
      failed: (failure) => onFailure?.({ atMs: deps.clock.now(), ...failure }),
    }),
  )
  server.keepAliveTimeout = idleMs
  const { port, close } = await listenOnLoopback(server)
  const checks = watchHealth(options.healthCheck ?? {}, { arn, ...deps, signal: closing.signal })

  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      closing.abort()
      await close()
      agent.destroy()
      await checks
    },
  }
}
