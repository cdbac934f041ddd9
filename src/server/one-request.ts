import { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Connections that a request has come on. */
const asked = new WeakSet<Socket>()

/**
 * The request of a connection, which may have only one: with the next one the connection ends. Node.js has
 * no other place that sees each of them: those without a `Host`, say, are answered without an event.
 */
export class OnlyRequest extends IncomingMessage {
  constructor(socket: Socket) {
    super(socket)
    if (asked.has(socket)) socket.resetAndDestroy()
    asked.add(socket)
  }
}

/** The shortest request has 18 bytes. */
const pieceBytes = 128

/**
 * Gives a connection's bytes to Node.js's parser in small pieces, and none when the connection has ended.
 *
 * Node.js reads 64 KiB at a time, and its parser makes an object of each of the 1,900 requests that they may
 * hold, whatever becomes of the connection meanwhile (`Parser::Execute` in src/node_http_parser.cc asks
 * nobody): 10 MiB, and 50 ms in which no other caller is heard. `maxRequestsPerSocket` answers each of
 * them with 503.
 *
 * @param socket One that an HTTP server has taken.
 */
export function feedInPieces(socket: Socket): void {
  const [parse] = socket.listeners('data')
  if (!parse) return
  socket.removeAllListeners('data')
  // From the moment that there is another listener, Node.js does not read past it (`unconsume`).
  socket.on('data', (chunk: NonSharedBuffer) => {
    for (let at = 0; at < chunk.length && !socket.destroyed; at += pieceBytes) {
      parse.call(socket, chunk.subarray(at, at + pieceBytes))
    }
  })
}
