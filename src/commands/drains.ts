import { get as getByHttp, type IncomingMessage } from 'node:http'
import { get as getByHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { drainsTable } from '../lookout/board/table.ts'
import type { BoardView } from '../lookout/board/view.ts'
import type { Print } from '../settings/read.ts'
import type { Settings } from '../settings/settings.ts'
import { clock } from '../time/clock.ts'
import { within } from '../time/within.ts'

const patienceMs = 10_000
const howTo = 'run it in the lookout: kubectl exec deploy/draingate-lookout -- draingate drains'

/** Prints the drains that the lookout of this pod knows of. Exit code 1 when there are none to be had. */
export async function drains(settings: Settings, print: Print): Promise<void> {
  const answer = await ask(settings)
  if ('wrong' in answer) {
    process.stderr.write(`${answer.wrong}\n`)
    process.exitCode = 1
    return
  }
  const { view } = answer
  process.stdout.write(print === 'json' ? `${JSON.stringify(view)}\n` : drainsTable(view))
}

type Answer = { readonly view: BoardView } | { readonly wrong: string }

/** Asks ourselves, over the loopback network. */
async function ask({ LISTEN_ADDRESS, LOOKOUT_TLS_DIRECTORY }: Settings): Promise<Answer> {
  const { port } = LISTEN_ADDRESS
  const host = LISTEN_ADDRESS.host === '::1' ? '::1' : '127.0.0.1'
  const wrong = (why: string): Answer => ({
    wrong: `no drains from ${host} port ${port}: ${why}; ${howTo}`,
  })
  // Its certificate is for the name of the Service, and nobody is between us and ourselves.
  const tls = { rejectUnauthorized: false }
  const get = LOOKOUT_TLS_DIRECTORY === undefined ? getByHttp : getByHttps
  const { signal } = new AbortController()
  try {
    return await within(clock, patienceMs, signal, async (signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
      const options = { host, port, path: '/drains', signal, agent: false, ...tls }
      get(options, resolve).on('error', reject)
      const response = await promise
      const [{ statusCode: status = 0 }, body] = [response, await text(response)]
      if (status === 200) return readView(body) ?? wrong('what came is no list of drains')
      return wrong(status === 404 ? 'what listens there is no lookout' : `HTTP ${status}`)
    })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return wrong(code ?? message)
  }
}

function readView(body: string): Answer | undefined {
  try {
    const view = JSON.parse(body)
    return Array.isArray(view?.drains) ? { view } : undefined
  } catch {
    return undefined
  }
}
