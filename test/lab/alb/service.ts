import { once } from 'node:events'
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
  request,
} from 'node:http'
import type { Test } from 'tap'
import { type Alb, type AlbOptions, createAlb } from '../../../lab/alb/alb.ts'
import type { Failure } from '../../../lab/alb/forward.ts'
import { createRegistry, type Registry } from '../../../lab/elbv2/registry.ts'
import { createNetwork, type Network } from '../../../lab/network.ts'
import { clock } from '../../../src/time/clock.ts'

export interface Service {
  alb: Alb
  arn: string
  registry: Registry
  network: Network
  failures: Failure[]
  /** Moves the registry's clock; the load balancer's own runs by itself. */
  advance(ms: number): void
  /** A healthy target in this process; counts its connections. */
  target(ip: string, answer: RequestListener): Promise<{ connections(): number; close(): void }>
  /** A client with connections of its own. */
  ask(path: string, options?: RequestOptions & { body?: string }): Promise<Answer>
}

export interface Answer {
  status: number | undefined
  headers: IncomingMessage['headers']
  body: string
}

/** A load balancer before the targets of one test, on port 80, without lag unless it is given. */
export async function startService(
  t: Test,
  options: Omit<AlbOptions, 'arn'> & { propagationMs?: number } = {},
): Promise<Service> {
  let nowMs = 0
  const failures: Failure[] = []
  const network = createNetwork()
  const { propagationMs = 0 } = options
  const registry = createRegistry({ now: () => nowMs, propagationMs: () => propagationMs })
  const { arn } = registry.createGroup({ name: 'web', deregistrationDelayMs: 30_000 })
  const alb = await createAlb(
    { arn, onFailure: (failure) => failures.push(failure), ...options },
    { registry, network, clock },
  )
  t.teardown(() => alb.close())
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())

  return {
    ...{ alb, arn, registry, network, failures },
    advance(ms) {
      nowMs += ms
    },
    async target(ip, answer) {
      const listening = await listen(t, await network.attach(ip, 80), answer)
      registry.register(arn, [{ id: ip }])
      registry.report(arn, { id: ip }, 'healthy')
      return listening
    },
    ask: (path, asked) => ask(alb.url + path, { agent, ...asked }),
  }
}

async function listen(t: Test, port: number, answer: RequestListener) {
  let connections = 0
  const server = createServer(answer)
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  t.teardown(close)
  return { connections: () => connections, close }
}

async function ask(url: string, options: RequestOptions & { body?: string }): Promise<Answer> {
  const call = request(url, options)
  call.end(options.body)
  const [answer] = await once(call, 'response')
  let body = ''
  for await (const chunk of answer) body += chunk
  return { status: answer.statusCode, headers: answer.headers, body }
}
