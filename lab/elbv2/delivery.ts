import type { ServerResponse } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import type { Answer } from './answer.ts'

/**
 * Sends an answer, and does to it on the way what its fault says. Resolves once nothing more will be
 * sent; `signal` ends a delay early, with nothing sent.
 */
export async function deliver(response: ServerResponse, answer: Answer, signal: AbortSignal) {
  const { fault, xml } = answer
  const whole = Buffer.from(xml)
  const half = whole.subarray(0, Math.floor(whole.length / 2))
  switch (fault?.kind) {
    case 'hang':
      return
    case 'hang-in-body':
      head(response, answer.status, whole.length).write(half)
      return
    case 'reset':
      // Only once the half has left, for a reset throws away what is still to be sent.
      head(response, answer.status, whole.length).write(half, () => {
        response.socket?.resetAndDestroy()
      })
      return
    case 'truncated':
      head(response, answer.status, half.length).end(half)
      return
    case 'empty-body':
      head(response, 200, 0).end()
      return
    case 'garbage':
      response.writeHead(200, { 'content-type': 'text/html' }).end(page)
      return
    case 'slow':
      await setTimeout('delayMs' in fault ? fault.delayMs : 0, undefined, { signal }).catch(
        () => undefined,
      )
      if (signal.aborted) return
  }
  head(response, answer.status, whole.length).end(whole)
}

const head = (response: ServerResponse, status: number, length: number) =>
  response.writeHead(status, { 'content-type': 'text/xml', 'content-length': length })

// What a proxy in between says when it wants attention: nothing closes its <br>, so it is no XML.
const page = `<!DOCTYPE html>
<html><head><title>Sign in</title></head><body>Please sign in.<br>Then try again.</body></html>
`
