import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { generate } from 'selfsigned'
import type { ApiAnswer, ApiRequest } from './routes.ts'
import { StatusError, statusOf } from './status.ts'

/** What can go wrong with an answer. */
export type ApiFault =
  | { readonly kind: 'status'; readonly code: number }
  /** The right answer, late. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** No answer at all; or headers, and half of the body. */
  | { readonly kind: 'hang' | 'hang-in-body' | 'reset' | 'truncated' | 'html' | 'huge' }

export interface ServerDeps {
  readonly answer: (request: ApiRequest) => ApiAnswer
  /** The time of day for the `Date` header, in milliseconds since 1970. */
  readonly wallMs: () => number
}

/** The API server over TLS, on loopback. */
export interface ApiServer {
  readonly host: '127.0.0.1'
  readonly port: number
  /** The certificate of its CA, PEM. */
  readonly ca: string
  /** The paths that were asked for. */
  readonly asked: readonly string[]
  /** What goes wrong with paths that contain this, from now on. */
  break(path: string, fault: ApiFault): void
  mend(): void
  close(): Promise<void>
}

export async function startApiServer({ answer, wallMs }: ServerDeps): Promise<ApiServer> {
  const { private: key, cert } = await certificate()
  const faults = new Map<string, ApiFault>()
  const asked: string[] = []
  const server = createServer({ key, cert }, (request, response) => {
    const url = request.url ?? ''
    asked.push(`${request.method} ${url}`)
    const fault = [...faults].find(([path]) => url.includes(path))?.[1]
    response.setHeader('date', new Date(wallMs()).toUTCString())
    void bodyOf(request).then((body) => {
      const { method = 'GET', headers } = request
      const told = answer({ method, url, authorization: headers.authorization, body })
      send(response, told, fault)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    ca: cert,
    asked,
    break: (path, fault) => void faults.set(path, fault),
    mend: () => faults.clear(),
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

/** One that is its own CA, for the addresses that a pod may know the API server by. */
function certificate() {
  return generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...{ keyType: 'ec', algorithm: 'sha256' },
    extensions: [
      { name: 'basicConstraints', cA: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString('utf8')
}

function send(response: ServerResponse, told: ApiAnswer, fault: ApiFault | undefined): void {
  const text = typeof told.body === 'string' ? told.body : JSON.stringify(told.body)
  const type = typeof told.body === 'string' ? 'text/plain' : 'application/json'
  switch (fault?.kind) {
    case undefined:
      response.writeHead(told.status, { 'content-type': type }).end(text)
      break
    case 'status': {
      const error = new StatusError(fault.code, 'Fault', 'out of order')
      response.writeHead(fault.code, { 'retry-after': '1' }).end(JSON.stringify(statusOf(error)))
      break
    }
    case 'slow':
      setTimeout(() => send(response, told, undefined), fault.delayMs)
      break
    case 'hang':
      break
    case 'hang-in-body':
      response.writeHead(told.status, { 'content-length': text.length }).write(text.slice(0, 20))
      break
    case 'reset':
      response.writeHead(told.status, { 'content-length': text.length }).write(text.slice(0, 20))
      setTimeout(() => response.destroy(), 20)
      break
    case 'truncated':
      response.writeHead(told.status).end(text.slice(0, text.length / 2))
      break
    case 'html':
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>a proxy</html>')
      break
    case 'huge':
      response.writeHead(200).end(`"${'x'.repeat(10_000_000)}"`)
  }
}
