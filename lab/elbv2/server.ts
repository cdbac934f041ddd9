import { createServer, type IncomingMessage } from 'node:http'
import { listenOnLoopback } from '../loopback.ts'
import type { SignedRequest } from '../sts/signature.ts'
import type { Answer } from './answer.ts'
import { deliver } from './delivery.ts'

export interface ServerDeps {
  answer: (request: SignedRequest) => Answer
  /** The service's wall clock, told in each answer's `Date`: SDKs correct theirs by it. */
  wallNow: () => number
}

/** Answers on loopback. */
export async function listen({ answer, wallNow }: ServerDeps) {
  const closing = new AbortController()
  const server = createServer({ maxHeaderSize: 32_768 }, (request, response) => {
    response.sendDate = false
    response.setHeader('date', new Date(wallNow()).toUTCString())
    read(request)
      .then((signed) => signed && deliver(response, answer(signed), closing.signal))
      .catch((error) => response.destroy(error))
  })
  const { port, close } = await listenOnLoopback(server)
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      closing.abort()
      return close()
    },
  }
}

// No request of the lab comes near: one that names 1000 targets has about 100 KB.
const longestBody = 1_048_576

async function read(request: IncomingMessage): Promise<SignedRequest | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    chunks.push(chunk)
    length += chunk.length
    if (length > longestBody) {
      request.destroy()
      return undefined
    }
  }
  const { method = '', url = '/', headers } = request
  return { method, url, headers, body: Buffer.concat(chunks) }
}
