import { once } from 'node:events'
import type { Server } from 'node:http'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'

export interface Listening {
  readonly host: '127.0.0.1'
  readonly port: number
  /** Ends also the connections that hang. */
  close(): Promise<void>
}

/** Nothing in the lab comes near either. */
const mostConnections = 10_000
const quietMs = 600_000

/** Has a server listen on a free port of 127.0.0.1. A socket on which nothing moves for long is dropped. */
export async function listenOnLoopback(server: Server | TlsServer): Promise<Listening> {
  server.maxConnections = mostConnections
  server.setTimeout(quietMs)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    ...{ host: '127.0.0.1', port },
    async close() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
