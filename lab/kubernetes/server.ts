import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:https'
import { listenOnLoopback } from '../loopback.ts'
import { createCertificates } from './certificates.ts'
import { deliver } from './delivery.ts'
import { type ApiFaults, createApiFaults } from './faults.ts'
import type { ApiAnswer, ApiRequest } from './request.ts'

export type { ApiFault } from './faults.ts'

export interface ServerDeps {
  readonly answer: (request: ApiRequest) => ApiAnswer
  /** The time of day for the `Date` header, in milliseconds since 1970. */
  readonly wallMs: () => number
}

/** The API server over TLS, on loopback. */
export interface ApiServer extends Omit<ApiFaults, 'of'> {
  readonly host: '127.0.0.1'
  readonly port: number
  /** The certificate of its CA, PEM. */
  readonly ca: string
  /** The methods and paths that were asked for, the last thousands of them. */
  readonly asked: readonly string[]
  /** How many connections went on with a TLS session of before. */
  resumed(): number
  close(): Promise<void>
}

const longestMemory = 10_000

/** Answers over TLS, with a certificate of a CA of its own. */
export async function startApiServer({ answer, wallMs }: ServerDeps): Promise<ApiServer> {
  const { ca, cert, key } = await createCertificates()
  const faults = createApiFaults()
  const asked: string[] = []
  const closing = new AbortController()

  const server = createServer({ key, cert }, (request, response) => {
    const { url = '/', method = 'GET' } = request
    if (asked.push(`${method} ${url}`) > longestMemory) asked.shift()
    response.sendDate = false
    response.setHeader('date', new Date(wallMs()).toUTCString())
    read(request)
      .then((whole) => whole && deliver(response, whole, faults.of(url), closing.signal))
      .catch(() => response.destroy())
  })
  server.on('tlsClientError', () => undefined)
  let resumed = 0
  server.on('secureConnection', (socket) => {
    if (socket.isSessionReused()) resumed += 1
  })

  async function read(request: IncomingMessage): Promise<ApiAnswer | undefined> {
    const body = await bodyOf(request)
    if (body === undefined) return undefined
    const { url = '/', method = 'GET', headers } = request
    return answer({ method, url, authorization: headers.authorization, body })
  }

  const { host, port, close } = await listenOnLoopback(server)
  return {
    ...{ host, port, ca, asked },
    ...{ break: faults.break, mend: faults.mend, resumed: () => resumed },
    close() {
      closing.abort()
      return close()
    },
  }
}

// As the API server limits them (k8s.io/apiserver, MaxRequestBodyBytes).
const longestBodyBytes = 3 * 1024 * 1024

/** A request's body; undefined for one that is too long, whose connection is closed. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  for await (const part of request) {
    parts.push(part)
    length += part.length
    if (length > longestBodyBytes) {
      request.destroy()
      return undefined
    }
  }
  return Buffer.concat(parts).toString('utf8')
}
