import type { ServerResponse } from 'node:http'
import type { Clock } from '../../time/clock.ts'

/** Those who wait for a turn. */
export interface Waiting {
  /** Answers with what `answer` comes to: at once, or after blanks that tell that somebody is there. */
  answer(response: ServerResponse, answer: Promise<object>): Promise<void>
  /** Answers whoever waits that another lookout has to be asked. */
  end(): void
  readonly count: () => number
}

/** A client takes a silence of some seconds for a lookout that is gone. Milliseconds. */
const blankMs = 2_000

export function createWaiting(clock: Clock): Waiting {
  const waiting = new Set<ServerResponse>()
  const ending = new AbortController()
  let isKept = false

  /** One timer for all of them. */
  async function keepCompany(): Promise<void> {
    isKept = true
    const { signal } = ending
    while (waiting.size > 0 && !signal.aborted) {
      await clock.sleepUntil(clock.now() + blankMs, signal)
      for (const response of waiting) {
        if (signal.aborted) break
        begin(response)
        response.write(' ')
      }
    }
    isKept = false
  }

  function begin(response: ServerResponse): void {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' })
  }

  return {
    count: () => waiting.size,
    async answer(response, answer) {
      const told = answer.catch(brokenReply)
      // Whoever has hung up while it was found out who asks is not told of it again.
      if (response.closed) return
      waiting.add(response)
      if (!isKept) void keepCompany()
      const { promise, resolve } = Promise.withResolvers<'ending'>()
      const end = () => resolve('ending')
      ending.signal.addEventListener('abort', end)
      const gone = new Promise<void>((done) => response.once('close', done))
      try {
        const body = ending.signal.aborted ? 'ending' : await Promise.race([told, promise, gone])
        waiting.delete(response)
        if (body === undefined || response.destroyed) return
        begin(response)
        response.end(JSON.stringify(body === 'ending' ? endingReply : body))
      } finally {
        waiting.delete(response)
        ending.signal.removeEventListener('abort', end)
      }
    },
    end: () => ending.abort(),
  }
}

const endingReply = { error: 'ending', said: 'this lookout ends: ask the other' }

/** Nobody may be left waiting for an answer that broke. */
function brokenReply(bug: unknown) {
  return { error: 'broken', said: `internal error: ${bug}` }
}
