import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Test } from 'tap'
import type { Certificates } from '../../lab/kubernetes/certificates.ts'
import type { Address } from '../../src/lookout/client/addresses.ts'

export type Handle = (request: IncomingMessage, response: ServerResponse) => void

/** A server on the loopback network that does what a test wants, and its address. */
export async function loopback(
  t: Test,
  handle: Handle,
  tls?: { readonly certificates: Certificates; readonly name: string },
): Promise<Address> {
  const server: Server = tls ? createTlsServer(tls.certificates, handle) : createServer(handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const url = new URL(`${tls ? 'https' : 'http'}://${tls?.name ?? 'lookout'}:${port}`)
  return { url, ip: '127.0.0.1', port }
}
