import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** A pod has a connection for each question; of several on the network of one node, each. */
const mostOfOnePeer = 128

/** Ends the connections of a peer that has too many, so that no one of them takes the places of all others. */
export function boundPeers(server: Pick<Server, 'on'>, most = mostOfOnePeer): void {
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? ''
    // Whoever is here already is nobody from outside.
    if (peer === '127.0.0.1' || peer === '::1' || peer === '::ffff:127.0.0.1') return
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
