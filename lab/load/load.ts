import { Agent, request } from 'node:http'
import type { Clock } from '../../src/time/clock.ts'

export interface LoadOptions {
  url: string
  perSecond: number
  /** The end of sending; the answers are waited for. */
  durationMs: number
  /** How long one request may take. Default 10 000. */
  timeoutMs?: number
  /** Requests open at a time; one more is not sent but recorded as an error. Default 1000. */
  mostInFlight?: number
}

/** What became of one request. */
export type Sample = {
  /** When it was due, on the clock. */
  atMs: number
  /** From then to the end of the answer, so that a late start counts as well. */
  ms: number
} & ({ status: number } | { error: string })

/** A load that runs. */
export interface Load {
  /** What is known so far, in the order in which the requests ended. */
  readonly samples: readonly Sample[]
  /** Resolves with all samples after the last answer; never rejects. */
  readonly done: Promise<readonly Sample[]>
  /** Sends nothing more; resolves like `done`. */
  close(): Promise<readonly Sample[]>
}

/** Whether a request got a whole answer that is no server error. */
export const succeeded = (sample: Sample): boolean => 'status' in sample && sample.status < 500

/**
 * GETs a URL at a constant rate, whatever the answers take (an open loop), over kept connections.
 */
export function startLoad(options: LoadOptions, clock: Clock): Load {
  const { url, perSecond, durationMs, timeoutMs = 10_000, mostInFlight = 1000 } = options
  const agent = new Agent({ keepAlive: true })
  const stop = new AbortController()
  const samples: Sample[] = []
  const flying = new Set<Promise<void>>()

  async function send(atMs: number): Promise<void> {
    const result =
      flying.size < mostInFlight
        ? await ask(url, agent, timeoutMs)
        : { error: 'too many in flight' }
    samples.push({ atMs, ms: clock.now() - atMs, ...result })
  }

  async function run(): Promise<readonly Sample[]> {
    const startedMs = clock.now()
    const count = Math.floor((durationMs * perSecond) / 1000)
    for (let sent = 0; sent < count; sent += 1) {
      const atMs = startedMs + (sent * 1000) / perSecond
      await clock.sleepUntil(atMs, stop.signal)
      if (stop.signal.aborted) break
      const flight = send(atMs).finally(() => flying.delete(flight))
      flying.add(flight)
    }
    await Promise.all(flying)
    agent.destroy()
    return samples
  }

  const done = run()
  return {
    samples,
    done,
    close() {
      stop.abort()
      return done
    },
  }
}

type Result = { status: number } | { error: string }

function ask(url: string, agent: Agent, timeoutMs: number): Promise<Result> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMs)
    const failed = (error: Error) =>
      resolve({ error: signal.aborted ? `no answer in ${timeoutMs} ms` : error.message })
    const call = request(url, { agent, signal })
    call.on('error', failed)
    call.on('response', (answer) => {
      answer.on('error', failed)
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0 }))
      answer.resume()
    })
    call.end()
  })
}
