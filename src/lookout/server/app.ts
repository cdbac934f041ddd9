import type { ServerResponse } from 'node:http'
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Failure } from '../../drain/ports.ts'
import type { Caller } from '../looking/pods.ts'
import { readQuestion } from '../wire/questions.ts'
import type { Callers } from './callers.ts'
import { boundPeers } from './peers.ts'
import type { AnswerQuestion } from './questions.ts'
import type { Waiting } from './waiting.ts'

export interface LookoutAppDeps {
  readonly callers: Callers
  readonly answer: AnswerQuestion
  readonly waiting: Waiting
  /** A pod tells how its drain stands; undefined where that is nothing of the kind. */
  readonly heard: (caller: Caller, body: unknown) => 'heard' | undefined
  /** What a lookout that has just been started still has to learn; undefined when it is ready. */
  readonly lacking: () => string | undefined
  /** In Prometheus' text format. */
  readonly metrics: () => string
  /** Hears of each question that is refused. */
  readonly refused: (failure: Failure) => void
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer }
}

/** Each has some 25 KiB: together they fit into what the chart allows a lookout. Of two, each has half of a crowd. */
const mostConnections = 10_000
export const mostWaiting = 5_000
/** A pod asks about each of its groups, what it shows and how long its delay is, once at a time. */
const mostOfOnePod = 64
/** In which time those come again who cannot wait here. Milliseconds. */
const busyMs = 5_000
const textFormat = 'text/plain; version=0.0.4; charset=utf-8'

/** The lookout's server, not listening yet. */
export function buildLookoutApp(deps: LookoutAppDeps): FastifyInstance {
  const { tls, lacking, metrics } = deps
  const options = {
    ...{ logger: false, bodyLimit: 16 * 1_024, requestTimeout: 5_000 },
    http: { headersTimeout: 3_000, connectionsCheckingInterval: 1_000, maxHeaderSize: 8_192 },
    forceCloseConnections: true,
  } as const
  const app: FastifyInstance = tls
    ? (Fastify({ ...options, https: { ...options.http, ...tls } }) as unknown as FastifyInstance)
    : Fastify(options)
  app.server.maxConnections = mostConnections
  boundPeers(app.server)
  // Whoever keeps a connection keeps a place.
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('connection', 'close')
    done()
  })
  answerQuestions(app, deps)
  app.get('/livez', () => ({ status: 'ok' }))
  app.get('/readyz', (_request, reply) => {
    const what = lacking()
    return what === undefined ? { status: 'ok' } : reply.code(503).send({ status: what })
  })
  app.get('/metrics', (_request, reply) => reply.type(textFormat).send(metrics()))
  app.setNotFoundHandler((_request, reply) => refuse(reply, 404, 'no such path'))
  app.setErrorHandler(({ statusCode = 500, message }: FastifyError, _request, reply) =>
    refuse(reply, statusCode, message),
  )
  return app
}

function answerQuestions(app: FastifyInstance, deps: LookoutAppDeps): void {
  const { callers, answer, waiting, heard, refused } = deps
  const open = new Map<string, number>()

  const known = new WeakMap<FastifyRequest, Caller>()
  // Before anything of the body is read: of whoever has no token nothing is kept.
  async function letIn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const caller = await callers(request.headers.authorization)
    if (!('said' in caller)) return void known.set(request, caller)
    refused(caller)
    refuse(reply, caller.status, caller.said)
  }

  const route = { onRequest: letIn }
  app.post<{ Params: { question: string } }>('/v1/:question', route, async (request, reply) => {
    const caller = known.get(request)
    if (!caller) return refuse(reply, 401, 'the token is refused')
    const { question: kind } = request.params
    if (kind === 'drain') {
      const isHeard = heard(caller, request.body)
      return isHeard ? reply.code(204).send() : refuse(reply, 400, 'no drain')
    }
    const question = readQuestion(kind, request.body)
    if ('wrong' in question) return refuse(reply, 400, question.wrong)
    const its = open.get(caller.uid) ?? 0
    if (its >= mostOfOnePod || waiting.count() >= mostWaiting) {
      return reply.send(tooMany)
    }
    open.set(caller.uid, its + 1)
    reply.hijack()
    try {
      await waiting.answer(reply.raw, answer(caller, question, goneOf(reply.raw)))
    } finally {
      const left = (open.get(caller.uid) ?? 1) - 1
      if (left > 0) open.set(caller.uid, left)
      else open.delete(caller.uid)
    }
  })
}

const busy: Failure = { kind: 'throttled', said: 'the lookout: too many wait already' }
/** What is answered to those. */
export const tooMany = { answer: { ...busy, againInMs: busyMs } }

/** Aborts when whoever asked has hung up. */
function goneOf(response: ServerResponse): AbortSignal {
  const gone = new AbortController()
  if (response.closed) gone.abort('gone')
  else response.once('close', () => gone.abort('gone'))
  return gone.signal
}

function refuse(reply: FastifyReply, status: number, said: string): FastifyReply {
  return reply.code(status).send({ error: 'refused', said })
}
