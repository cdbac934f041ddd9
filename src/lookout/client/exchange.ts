import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { isIP } from 'node:net'
import type { Clock } from '../../time/clock.ts'
import { type Address, hostOf } from './addresses.ts'

export interface ExchangeDeps {
  readonly clock: Clock
  /** The CA of a lookout with TLS, as a file. */
  readonly caFile?: string
}

export interface Post {
  readonly path: string
  readonly token: string
  readonly body: object
}

/** An error after something was heard. */
export interface BrokenOff {
  readonly isHeard: boolean
}

/** Puts a POST to a lookout, and gives what it answers. Rejects with why there is no whole answer. */
export type Exchange = (to: Address, post: Post, signal: AbortSignal) => Promise<Answered>

export interface Answered {
  readonly status: number
  readonly body: string
}

/**
 * A lookout that lets a question wait sends a blank each few seconds: one of which nothing is heard for so long is
 * frozen, or gone without a word.
 */
export const silenceMs = 6_000
/** The longest patience, and what it may read before: one that has nothing but blanks by then is of no use. */
const longestMs = 30_000
/** A search tells of all bindings that may be the pod's, in some hundred bytes each. */
const longestBody = 1_024 * 1_024

export function createExchange({ clock, caFile }: ExchangeDeps): Exchange {
  return async ({ url, ip, port }, { path, token, body }, signal) => {
    const isTls = url.protocol === 'https:'
    // Only when it is needed: most of a sidecar's life nobody is asked.
    const { request } = await (isTls ? import('node:https') : import('node:http'))
    const text = JSON.stringify(body)
    const silence = new AbortController()
    const bounded = AbortSignal.any([signal, silence.signal])
    let heardMs = clock.now()
    let blanks = 0
    const over = new AbortController()
    void watch(() => heardMs, silence, over.signal)
    try {
      const tls = isTls ? await tlsFor(url, caFile) : {}
      return await new Promise<Answered>((resolve, reject) => {
        const posted = request(
          {
            ...{ method: 'POST', host: ip, port, path, agent: false, signal: bounded },
            ...tls,
            headers: {
              ...{ host: url.host, authorization: `Bearer ${token}`, 'user-agent': 'draingate' },
              ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
            },
          },
          (response) => {
            read(response, () => {
              heardMs = clock.now()
              blanks += 1
            }).then(resolve, reject)
          },
        )
        posted.on('error', reject)
        posted.end(text)
      })
    } catch (error) {
      const isHeard = blanks > 0
      throw Object.assign(silence.signal.aborted ? silence.signal.reason : error, { isHeard })
    } finally {
      over.abort()
    }
  }

  async function watch(heardMs: () => number, silence: AbortController, over: AbortSignal) {
    const lastMs = clock.now() + longestMs
    while (!over.aborted) {
      const now = clock.now()
      if (lastMs <= now) silence.abort(new Error(`no answer within ${longestMs / 1_000} s`))
      const byMs = heardMs() + silenceMs
      if (byMs <= now) silence.abort(new Error(`nothing was heard for ${silenceMs / 1_000} s`))
      if (silence.signal.aborted) return
      await clock.sleepUntil(Math.min(byMs, lastMs), over)
    }
  }
}

async function tlsFor(url: URL, caFile: string | undefined) {
  // An address is no name to ask for (RFC 6066), and is verified as the host.
  const name = isIP(hostOf(url)) ? {} : { servername: url.hostname }
  if (caFile === undefined) return name
  try {
    return { ...name, ca: await readFile(caFile) }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`LOOKOUT_CA_FILE: cannot read ${caFile} (${code})`)
  }
}

function read(response: IncomingMessage, heard: () => void): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    response.on('data', (part: Buffer) => {
      heard()
      length += part.length
      if (length > longestBody) response.destroy(new Error('an answer without end'))
      else parts.push(part)
    })
    response.on('error', reject)
    // `close` without `end`: cut off in the middle.
    response.on('close', () => reject(new Error('the answer was cut off')))
    response.on('end', () => {
      resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString('utf8') })
    })
  })
}
