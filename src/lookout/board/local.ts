import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

/**
 * `kubectl port-forward` and `kubectl exec` come from these two. Not all of 127.0.0.0/8: the proxy of Istio passes
 * on what came from anywhere with 127.0.0.6.
 */
const peers: readonly (string | undefined)[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1']

/** Whether a connection comes from the pod itself. */
export function isFromInside({ remoteAddress }: Pick<Socket, 'remoteAddress'>): boolean {
  return peers.includes(remoteAddress)
}

/** `localhost`, a name below it, or an address of the loopback network; with or without a port. */
const localName = /^(?:(?:[a-z0-9-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

const said =
  'only from the pod itself: kubectl port-forward deploy/draingate-lookout 8089, then http://localhost:8089\n'

/**
 * Refuses whoever does not come from the pod itself. A name that is not local is refused as well: a web page can
 * have its own name resolve to 127.0.0.1, and then read what is there with the browser of whoever forwards.
 */
export function onlyLocal(request: FastifyRequest, reply: FastifyReply, next: () => void): void {
  const { host } = request.headers
  if (isFromInside(request.raw.socket) && (!host || localName.test(host))) next()
  else void reply.code(403).type('text/plain; charset=utf-8').send(said)
}
