import type { FastifyInstance } from 'fastify'
import type { ListenAddress } from '../settings/kinds.ts'

/**
 * Listens. `[::]` takes both families, for the kubelet calls the first pod IP, whichever that is.
 *
 * @returns The address that it listens on, as a URL.
 * @throws The system's error when the address cannot be had.
 */
export async function listen(app: FastifyInstance, address: ListenAddress): Promise<string> {
  try {
    return await app.listen(address)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    // A kernel booted with ipv6.disable=1 knows no `::`.
    const noIpv6 = code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'
    if (address.host !== '::' || !noIpv6) throw error
    return await app.listen({ ...address, host: '0.0.0.0' })
  }
}
