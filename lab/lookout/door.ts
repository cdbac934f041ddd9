import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import { listenOnLoopback } from '../loopback.ts'

/**
 * What can go wrong on the way to a lookout: its connections are reset, or nothing is ever said on them
 * (`hang`); in the place of its answer comes a proxy's page (`html`), an object that says nothing (`empty`), or
 * an error; or the right answer, but late by `delayMs`.
 */
export type DoorFault =
  | { readonly kind: 'reset' | 'hang' | 'html' | 'empty' }
  | { readonly kind: 'status'; readonly code: number }
  | { readonly kind: 'slow'; readonly delayMs: number }

/** The address of a lookout, which stays the same whatever process is behind it. */
export interface Door {
  readonly url: string
  /** What goes wrong with all that come from now on. */
  break(fault: DoorFault): void
  mend(): void
  close(): Promise<void>
}

/** @param behind The port of the process; undefined while there is none, which resets connections. */
export async function openDoor(behind: () => number | undefined): Promise<Door> {
  const closing = new AbortController()
  let fault: DoorFault | undefined
  const server = createServer((asked, response) => {
    asked.on('error', () => undefined)
    void meet(fault, asked, response)
  })

  async function meet(
    met: DoorFault | undefined,
    asked: IncomingMessage,
    response: ServerResponse,
  ) {
    switch (met?.kind) {
      case 'reset':
        return reset(asked)
      case 'hang':
        return
      case 'html':
        return void response.writeHead(200, { 'content-type': 'text/html' }).end(page)
      case 'empty':
        return void response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
      case 'status':
        return void response.writeHead(met.code, { 'content-type': 'text/html' }).end(page)
      case 'slow':
        await setTimeout(met.delayMs, undefined, { signal: closing.signal }).catch(() => undefined)
    }
    // Whoever asked may have hung up meanwhile.
    if (response.destroyed) return
    const port = behind()
    if (port === undefined || closing.signal.aborted) reset(asked)
    else pass(asked, response, port)
  }

  const { host, port, close } = await listenOnLoopback(server)
  return {
    url: `http://${host}:${port}`,
    break(what) {
      fault = what
    },
    mend() {
      fault = undefined
    },
    close() {
      closing.abort()
      return close()
    },
  }
}

const page = '<!DOCTYPE html>\n<html><body>Please sign in.</body></html>\n'

function reset({ socket }: IncomingMessage): void {
  socket.resetAndDestroy()
}

/** Hands on both ways as it comes; what breaks on one side breaks on the other. */
function pass(asked: IncomingMessage, response: ServerResponse, port: number): void {
  const { method, url: path, headers } = asked
  const onward = request({ host: '127.0.0.1', port, method, path, headers, agent: false })
  onward.on('error', () => reset(asked))
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers).flushHeaders()
    pipeline(answer, response, (error) => error && reset(asked))
  })
  response.once('close', () => onward.destroy())
  asked.pipe(onward)
}
