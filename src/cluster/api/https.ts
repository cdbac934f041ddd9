import type { Agent, RequestOptions } from 'node:https'
import type { Clock } from '../../time/clock.ts'
import { within } from '../../time/within.ts'
import { createCredentials } from './credentials.ts'
import type { Answer, KubernetesApi, Refusal } from './kubernetes-api.ts'
import { type HttpAnswer, refusalOf, unreachable } from './refusals.ts'
import { nameOf, pathOf, type Request } from './request.ts'

/** How to reach the API server of the cluster from inside one of its pods. */
export interface InCluster {
  /** A name or an address, IPv6 ones without brackets. */
  readonly host: string
  readonly port: number
  /** The folder of the service account: `token`, `ca.crt`, `namespace`. */
  readonly directory: string
  /** Whoever asks all the time keeps its connections. */
  readonly connections?: 'kept'
}

const questionMs = 5_000
/** Etcd keeps no object of more than 1.5 MiB; a list of bindings may be some of them. */
const longestBody = 8 * 1_024 * 1_024

/**
 * The Kubernetes API over HTTPS: three kinds of GET and a POST, for which the official client would
 * cost as much memory as all the rest. No proxy is asked: the API server is inside the cluster.
 */
export function createHttpsApi(clock: Clock, place: InCluster): KubernetesApi {
  let agent: Agent | undefined
  const account = createCredentials(clock, place.directory)
  async function call(
    path: string,
    what: string,
    signal: AbortSignal,
    request?: Request,
  ): Promise<Answer | Refusal> {
    const credentials = await account.read(what)
    if ('said' in credentials) return credentials
    try {
      // Here, so that the hook server need not wait for it to load.
      const https = await import('node:https')
      // A connection for each question, but not a whole handshake: the agent keeps the TLS session.
      agent ??= new https.Agent({
        maxCachedSessions: 1,
        ...(place.connections === 'kept' ? { keepAlive: true, maxSockets: 64 } : {}),
      })
      const to = { host: place.host, port: place.port, agent, ca: credentials.ca, path }
      const answer = await within(clock, questionMs, signal, (bounded) =>
        exchange(https, { ...to, signal: bounded }, credentials.token, request?.body),
      )
      if (answer.status === 401) account.forget()
      if (answer.status < 200 || answer.status > 299) return refusalOf(answer, what, request)
      return { kind: 'answer', body: JSON.parse(answer.body), serverMs: answer.serverMs }
    } catch (error) {
      if (!(error instanceof SyntaxError)) return unreachable(error, what)
      return { kind: 'malformed', said: `${what}: the API server answered what is not JSON` }
    }
  }
  return {
    ask: (request, signal) => call(pathOf(request), nameOf(request), signal, request),
    get: (path, signal) => call(path, `get ${path}`, signal),
  }
}

function exchange(
  https: typeof import('node:https'),
  to: RequestOptions,
  token: string,
  body: object | undefined,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? '' : JSON.stringify(body)
    const request = https.request(
      {
        ...to,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${token}`,
          'user-agent': 'draingate',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
      },
      (response) => {
        const parts: Buffer[] = []
        let length = 0
        response.on('data', (part: Buffer) => {
          length += part.length
          if (length > longestBody) response.destroy(new Error('an answer without end'))
          else parts.push(part)
        })
        // `close` without `end`: cut off in the middle.
        response.on('error', reject)
        response.on('close', () => reject(new Error('the answer was cut off')))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            body: Buffer.concat(parts).toString('utf8'),
            serverMs: Date.parse(response.headers.date ?? ''),
            token,
          }),
        )
      },
    )
    request.on('error', reject)
    request.end(text)
  })
}
