import { hash } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Clock } from '../../time/clock.ts'
import { within } from '../../time/within.ts'

/** One lookout. */
export interface Address {
  /** As it was named: for TLS, and for a person. */
  readonly url: URL
  readonly ip: string
  readonly port: number
}

/** The addresses of a name. Rejects where there are none. */
export type Resolve = (name: string) => Promise<readonly string[]>

export const resolve: Resolve = async (name) =>
  (await lookup(name, { all: true })).map(({ address }) => address)

/** The lookouts that there are. */
export interface Addresses {
  /**
   * All of them, in the order in which a thing's questions go to them. Everybody computes it alike, so that those who
   * ask about one group meet at one lookout; where that one goes, only its own groups move (rendezvous hashing).
   * Those that have not answered lately come last.
   *
   * @throws Where no name can be resolved, and none ever was.
   */
  orderFor(thing: string): Promise<readonly Address[]>
  /** Has not answered. */
  failed(address: Address): void
}

export interface AddressesDeps {
  readonly urls: readonly URL[]
  readonly clock: Clock
  readonly resolve?: Resolve
}

/** For how long names are not asked about again: as long as the resolver of a cluster keeps them at least. */
const keptMs = 5_000
const shunnedMs = 10_000
/** A resolver that says nothing for so long is away. Milliseconds. */
const resolveMs = 2_000

const never = new AbortController().signal

export function createAddresses(deps: AddressesDeps): Addresses {
  const { urls, clock } = deps
  const resolveName = deps.resolve ?? resolve
  const failedAtMs = new Map<string, number>()
  const known = new Map<URL, readonly Address[]>()
  let knownAtMs = -Infinity

  async function all(): Promise<readonly Address[]> {
    if (clock.now() - knownAtMs >= keptMs) await readAll()
    // Two names may lead to one lookout.
    return [...new Map([...known.values()].flat().map((one) => [nameOf(one), one])).values()]
  }

  async function readAll(): Promise<void> {
    const read = urls.map(async (url) => {
      const found = await within(clock, resolveMs, never, () => resolved(url, resolveName))
      // A resolver that is away for a while takes no lookout away.
      if (found.length > 0) known.set(url, found)
    })
    const failed = (await Promise.allSettled(read)).find(({ status }) => status === 'rejected')
    if (known.size === 0 && failed?.status === 'rejected') throw failed.reason
    knownAtMs = clock.now()
  }

  const isShunned = (address: Address) =>
    clock.now() - (failedAtMs.get(nameOf(address)) ?? -Infinity) < shunnedMs

  return {
    async orderFor(thing) {
      const ordered = (await all())
        .map((address) => ({ address, rank: hash('sha1', `${thing} ${nameOf(address)}`) }))
        .sort((one, other) => (one.rank < other.rank ? -1 : 1))
        .map(({ address }) => address)
      return [...ordered.filter((one) => !isShunned(one)), ...ordered.filter(isShunned)]
    },
    failed: (address) => void failedAtMs.set(nameOf(address), clock.now()),
  }
}

async function resolved(url: URL, resolveName: Resolve): Promise<Address[]> {
  const name = hostOf(url)
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const ips = isIP(name) ? [name] : await resolveName(name)
  return [...new Set(ips)].map((ip) => ({ url, ip, port }))
}

/** Its host; an IPv6 address without the brackets. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1')
}

/** As it is told apart. */
export function nameOf({ ip, port }: Address): string {
  return isIP(ip) === 6 ? `[${ip}]:${port}` : `${ip}:${port}`
}
