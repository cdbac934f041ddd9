import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { isFromInside } from '../board/local.ts'

/** A pod has a connection for each question; of several on the network of one node, each. */
const mostOfOnePeer = 128

/** Ends the connections of a peer that has too many, so that no one of them takes the places of all others. */
export function boundPeers(server: Pick<Server, 'on'>, most = mostOfOnePeer): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    // Whoever is here already is nobody from outside.
    if (isFromInside(socket)) return
    const peer = socket.remoteAddress ?? ''
    const its = (open.get(peer) ?? 0) + 1
    open.set(peer, its)
    socket.once('close', () => {
      const left = (open.get(peer) ?? 1) - 1
      if (left > 0) open.set(peer, left)
      else open.delete(peer)
    })
    if (its > most) socket.destroy()
  })
}
