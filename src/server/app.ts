import Fastify, { type FastifyInstance } from 'fastify'
import type { Report } from '../drain/account/report.ts'
import type { DrainEnd } from '../drain/judgement/outcome.ts'
import { type Callers, type CallersDeps, createCallers } from './callers.ts'
import { createHold } from './held.ts'
import { feedInPieces, OnlyRequest } from './one-request.ts'

export interface AppDeps extends CallersDeps {
  /** A hook came: resolves when it is released. Hooks with one end get the same promise. */
  readonly hook: () => Promise<DrainEnd>
  /** The drain as it stands; or what a hook is answered. */
  readonly status: (end?: DrainEnd) => Report
  /** In Prometheus' text format. */
  readonly metrics: () => string
}

/** Which methods each path takes. */
const paths: Readonly<Record<string, readonly string[]>> = {
  '/prestop': ['GET', 'POST'],
  '/livez': ['GET', 'HEAD'],
  '/readyz': ['GET', 'HEAD'],
  '/status': ['GET', 'HEAD'],
  '/metrics': ['GET', 'HEAD'],
}

/** Without the version a scraper may take it for another format (prometheus.io, "Exposition formats"). */
const textFormat = 'text/plain; version=0.0.4; charset=utf-8'

/** The hook server, not listening yet. Any peer of the pod can call it: callers are not trusted. */
export function buildApp({ hook, status, metrics, ...deps }: AppDeps): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: 1_024,
    // How long a request may take to *arrive*; an answer may take as long as a drain does. Ample, for a
    // process that was frozen or starved finds the time over when it comes to read what came in time:
    // it would answer the hook with 408, and the kubelet takes any answer for a release.
    requestTimeout: 60_000,
    http: {
      ...{ headersTimeout: 60_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 8_192 },
      IncomingMessage: OnlyRequest,
    },
    // HEAD /prestop must not start a drain.
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true },
  })
  // What a POST says is of no interest, but how much it says is.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, _body, done) => done(null))

  const callers = createCallers(deps)
  letIn(app, callers)
  answerHooks(app, { hook, status }, callers)
  app.route({ method: ['GET', 'HEAD'], url: '/status', handler: () => status() })
  app.route({
    method: ['GET', 'HEAD'],
    url: '/metrics',
    handler: (_request, reply) => reply.type(textFormat).send(metrics()),
  })
  // AWS being down must not make the pod unready: it would lose the very traffic it should keep.
  app.route({ method: ['GET', 'HEAD'], url: '/livez', handler: () => ({ status: 'ok' }) })
  app.route({ method: ['GET', 'HEAD'], url: '/readyz', handler: () => ({ status: 'ok' }) })
  answerOthers(app)
  return app
}

/** One request a connection, and not more connections than there is room for. */
function letIn(app: FastifyInstance, callers: Callers): void {
  app.server.on('connection', (socket) => {
    feedInPieces(socket)
    callers.came(socket)
  })
  app.addHook('onRequest', (request, reply, done) => {
    // One that came in the same piece as the second of a connection.
    if (request.raw.socket.destroyed) return void reply.hijack()
    reply.header('connection', 'close')
    done()
  })
}

function answerHooks(
  app: FastifyInstance,
  { hook, status }: Pick<AppDeps, 'hook' | 'status'>,
  callers: Callers,
): void {
  const hold = createHold<DrainEnd>()
  app.route({
    method: ['GET', 'POST'],
    url: '/prestop',
    async handler(request, reply) {
      callers.waits(request.raw.socket)
      return status(await hold(hook(), reply.raw))
    },
  })
}

function answerOthers(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]?.replace(/(?<=.)\/$/, '') ?? ''
    const allowed = Object.hasOwn(paths, path) ? paths[path] : undefined
    if (!allowed) return reply.code(404).send({ error: 'no such path', paths: Object.keys(paths) })
    return reply
      .code(405)
      .header('allow', allowed.join(', '))
      .send({ error: `${path} takes ${allowed.join(' and ')}` })
  })
}
