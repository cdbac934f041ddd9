import { open } from 'node:fs/promises'
import { BlockList, isIPv6 } from 'node:net'
import { endianness } from 'node:os'
import { join } from 'node:path'
import type { Connections, Failure } from '../drain/ports.ts'
import { addressOf } from './address.ts'
import type { Cidr } from './cidr.ts'
import { type AddressDigits, type Row, readTable, type Wanted } from './table.ts'

export interface ConnectionsDeps {
  /** The node: the kubelet's probes come from it. */
  readonly hostIp?: string
  /** Peers that are not traffic: scrapers, say. */
  readonly ignore: readonly Cidr[]
  readonly procNet?: string
}

/**
 * Counts the pod's established connections as the kernel shows them: the containers of a pod share
 * one network namespace, and /proc/net is the reader's own.
 *
 * A count is no snapshot. The kernel forgets where it was in a hash bucket when sockets go between
 * two reads, and may then pass over a connection (`tcp_seek_last_pos` in net/ipv4/tcp_ipv4.c): believe
 * in none only after several counts of none.
 *
 * Connections that the pod itself opens need no care: `connect()` picks no port that a socket is bound
 * to (`__inet_hash_connect` in net/ipv4/inet_hashtables.c), and one too many would only hold longer.
 *
 * A proxy that has connections redirected to a port of its own (iptables REDIRECT, as a mesh does) hides
 * them: the table has them on that port, and what goes on to the app comes from loopback or the pod.
 * There the count of the target's port is none whatever is in flight: ask about the proxy's port.
 *
 * Throws ERR_INVALID_ADDRESS when `hostIp` is not an address; `count` does not throw.
 */
export function createConnections(deps: ConnectionsDeps): Connections {
  const { procNet = '/proc/net' } = deps
  const isTraffic = trafficOf(deps)
  return {
    async count(ports) {
      const established = new Map(ports.map((port) => [port, 0]))
      const found = ({ localPort, local, remote }: Row) => {
        if (local.every((word, at) => word === remote[at]) || !isTraffic(remote)) return
        established.set(localPort, (established.get(localPort) ?? 0) + 1)
      }
      for (const table of tables) {
        const failure = await readOne(table, procNet, { localPorts: new Set(ports), found })
        if (failure) return failure
      }
      return { kind: 'counted', established }
    },
  }
}

function trafficOf({ hostIp, ignore }: ConnectionsDeps) {
  const leftOut = new BlockList()
  leftOut.addSubnet('127.0.0.0', 8, 'ipv4')
  leftOut.addAddress('::1', 'ipv6')
  if (hostIp !== undefined) leftOut.addAddress(hostIp, isIPv6(hostIp) ? 'ipv6' : 'ipv4')
  for (const { address, prefix, family } of ignore) leftOut.addSubnet(address, prefix, family)
  const order = endianness()
  return (peer: readonly number[]) => {
    const { text, family } = addressOf(peer, order)
    return !leftOut.check(text, family)
  }
}

interface Table {
  readonly name: string
  readonly addressDigits: AddressDigits
  /** A kernel without IPv6 has no connections of it; without the other table nothing is known. */
  readonly need: 'required' | 'optional'
}

const tables: readonly Table[] = [
  { name: 'tcp', addressDigits: 8, need: 'required' },
  { name: 'tcp6', addressDigits: 32, need: 'optional' },
]

async function readOne({ name, addressDigits, need }: Table, procNet: string, wanted: Wanted) {
  const path = join(procNet, name)
  try {
    const file = await open(path)
    const line = await readTable(file, addressDigits, wanted).finally(() => file.close())
    return line === undefined ? undefined : malformed(path, line)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code !== 'ENOENT') return unreachable(`${path} cannot be read: ${code ?? message}`)
    if (need === 'optional') return undefined
    return unreachable(
      `${path} does not exist: connections are counted on Linux only, with /proc mounted`,
    )
  }
}

function malformed(path: string, line: number): Failure {
  return { kind: 'malformed', said: `${path}, line ${line}: not as in the kernel's socket table` }
}

function unreachable(text: string): Failure {
  return { kind: 'unreachable', said: text }
}
