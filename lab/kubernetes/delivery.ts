import type { ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { ApiFault } from './faults.ts'
import type { ApiAnswer } from './request.ts'
import { pageNotFound } from './routes.ts'
import { internal, StatusError, statusOf, unavailable } from './status.ts'

/**
 * Sends an answer, and does to it on the way what a fault says. Resolves once nothing more will be sent;
 * `signal` ends a delay early, with nothing sent.
 */
export async function deliver(
  response: ServerResponse,
  answer: ApiAnswer,
  fault: ApiFault | undefined,
  signal: AbortSignal,
): Promise<void> {
  const whole = bytesOf(answer)
  const half = whole.subarray(0, Math.floor(whole.length / 2))
  switch (fault?.kind) {
    case 'status':
      if (fault.code === 429) {
        // The API server's own limits answer in plain text (k8s.io/apiserver, maxinflight.go).
        response.setHeader('retry-after', '1')
        return send(response, { status: 429, body: tooMany })
      }
      return send(response, { status: fault.code, body: statusOf(errorOf(fault.code)) })
    case 'slow':
      await setTimeout(fault.delayMs, undefined, { signal }).catch(() => undefined)
      return signal.aborted ? undefined : send(response, answer)
    case 'hang':
      return
    case 'hang-in-body':
      head(response, answer, whole.length).write(half)
      return
    case 'reset':
      // Only once the half has left, for what is still to be sent is thrown away.
      head(response, answer, whole.length).write(half, () => response.socket?.destroy())
      return
    case 'truncated':
      head(response, answer, half.length).end(half)
      return
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
      return
    case 'page-not-found':
      return send(response, pageNotFound)
    case 'empty':
      return send(response, { status: 200, body: {} })
    case 'huge':
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`"${'x'.repeat(10_000_000)}"`)
      return
    default:
      send(response, answer)
  }
}

const tooMany = 'Too many requests, please try again later.\n'
const page =
  '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n'

function errorOf(code: number): StatusError {
  if (code === 500) return internal('etcdserver: request timed out')
  if (code === 503) return unavailable()
  return new StatusError(code, '', `the lab was told to answer ${code}`)
}

function send(response: ServerResponse, answer: ApiAnswer): void {
  const whole = bytesOf(answer)
  head(response, answer, whole.length).end(whole)
}

const bytesOf = ({ body }: ApiAnswer) =>
  Buffer.from(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`)

function head(response: ServerResponse, answer: ApiAnswer, length: number) {
  const type = typeof answer.body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'
  const headers = { 'content-type': type, 'cache-control': 'no-cache, private', ...answer.headers }
  return response.writeHead(answer.status, { ...headers, 'content-length': length })
}
