import {
  type Agent,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as open,
  type ServerResponse,
} from 'node:http'
import type { TargetHealth } from '../elbv2/health.ts'

/** A request that did not get its whole answer. */
export interface Failure {
  atMs: number
  /** What the client got; 502 as well when the answer broke off in the middle. */
  status: 502 | 503 | 504
  /** The target that it was sent to; none for a 503. */
  podIp?: string
  cause: string
}

export interface ForwardDeps {
  agent: Agent
  /** Whose turn it is; undefined when there is no target. */
  next(): TargetHealth | undefined
  resolve(ip: string, port: number): number | undefined
  requestTimeoutMs: number
  failed(failure: Omit<Failure, 'atMs'>): void
}

/** Answers one client from one target. There is no second try: an ALB has none either. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  deps: ForwardDeps,
): void {
  const target = deps.next()
  let over = false

  function fail(status: Failure['status'], cause: string): void {
    if (over) return
    over = true
    const podIp = target === undefined ? {} : { podIp: target.id }
    deps.failed({ status, cause, ...podIp })
    refuse(response, status)
  }

  // A client that leaves is no failure of the target (ALB logs a 460).
  response.on('close', () => {
    over = true
  })
  if (target === undefined) {
    fail(503, 'no target')
    return
  }
  const port = deps.resolve(target.id, target.port)
  if (port === undefined) fail(502, `nothing at ${target.id}:${target.port}`)
  else relay({ request, response, port, fail }, deps)
}

interface Exchange {
  request: IncomingMessage
  response: ServerResponse
  port: number
  fail(status: Failure['status'], cause: string): void
}

function relay({ request, response, port, fail }: Exchange, deps: ForwardDeps): void {
  const { method, url } = request
  const upstream = open({
    ...{ host: '127.0.0.1', port, agent: deps.agent, method, path: url },
    headers: onward(request),
    timeout: deps.requestTimeoutMs,
  })
  upstream.on('timeout', () => {
    fail(504, `silent for ${deps.requestTimeoutMs} ms`)
    upstream.destroy()
  })
  upstream.on('error', (error) => fail(502, error.message))
  upstream.on('response', (answer) => {
    answer.on('error', (error) => fail(502, error.message))
    response.writeHead(answer.statusCode ?? 502, withoutHops(answer.headers))
    answer.pipe(response)
  })
  response.on('close', () => {
    if (!response.writableFinished) upstream.destroy()
  })
  request.on('error', () => upstream.destroy())
  request.pipe(upstream)
}

function refuse(response: ServerResponse, status: Failure['status']): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response.writeHead(status, { 'content-type': 'text/plain', server: 'awselb/2.0' })
  response.end(`${status}\n`)
}

const hops = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect']

// Transfer-Encoding stays: Node.js takes it as the wish to send the body in chunks.
function withoutHops(headers: IncomingMessage['headers']): OutgoingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !hops.includes(name))
  return Object.fromEntries(kept)
}

function onward(request: IncomingMessage): OutgoingHttpHeaders {
  const { 'x-forwarded-for': before } = request.headers
  const client = request.socket.remoteAddress ?? ''
  return {
    ...withoutHops(request.headers),
    'x-forwarded-for': before === undefined ? client : `${before}, ${client}`,
    'x-forwarded-proto': 'http',
  }
}
