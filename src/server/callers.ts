import { isIPv6, type Socket, SocketAddress } from 'node:net'
import type { Clock } from '../time/clock.ts'
import { type Caller, whomToShed } from './shed.ts'

export interface CallersDeps {
  readonly clock: Pick<Clock, 'now'>
  /** The node's addresses, as far as they are known now: the kubelet calls from there. */
  readonly node: () => readonly string[]
  /** A peer has lost a connection; `times` counts those of all peers so far. */
  readonly shed: (peer: string, times: number) => void
}

/** Who is connected to the hook server. */
export interface Callers {
  /** A connection is open: another one may have to end for it. */
  came(socket: Socket): void
  /** Its request is a hook, which waits from now on. */
  waits(socket: Socket): void
}

interface Open extends Caller {
  readonly socket: Socket
  stage: Caller['stage']
}

/**
 * Keeps the connections within bounds, whatever peers do. The node's are never ended and never counted:
 * whoever may call from there is trusted.
 *
 * Where it is not known which peer is the node, it is most likely the one that called first: the kubelet
 * probes a container from its first second on, when nobody else knows the pod.
 */
export function createCallers({ clock, node, shed }: CallersDeps): Callers {
  const open = new WeakMap<Socket, Open>()
  const byPeer = new Map<string, Set<Open>>()
  let first: string | undefined
  let times = 0

  function remove(one: Open): void {
    const callers = byPeer.get(one.peer)
    callers?.delete(one)
    if (callers?.size === 0) byPeer.delete(one.peer)
  }

  return {
    came(socket) {
      const peer = peerOf(socket.remoteAddress ?? 'gone')
      first ??= peer
      const one: Open = { socket, peer, cameAtMs: clock.now(), stage: 'asking' }
      open.set(socket, one)
      byPeer.set(peer, (byPeer.get(peer) ?? new Set()).add(one))
      socket.once('close', () => remove(one))
      const nodes = node().map(peerOf)
      const others = new Map([...byPeer].filter(([of]) => !nodes.includes(of)))
      const tooMany = whomToShed(others, first, one.cameAtMs)
      if (!tooMany) return
      // Not only when it has closed: until then it would be chosen for all that come.
      remove(tooMany)
      // A reset leaves nothing in the kernel, where all that were closed would stay for a while.
      tooMany.socket.resetAndDestroy()
      times += 1
      shed(tooMany.peer, times)
    },
    waits(socket) {
      const one = open.get(socket)
      if (one) one.stage = 'held'
    },
  }
}

/** One spelling for each address: a dual-stack listener shows an IPv4 peer as `::ffff:10.0.1.7`. */
export function peerOf(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  if (mapped !== undefined) return mapped
  return isIPv6(address) ? new SocketAddress({ address, family: 'ipv6' }).address : address
}
