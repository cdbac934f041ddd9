import { Agent, request } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** What a hook came to. An error is what the kubelet takes for a release. */
export type Called =
  | { readonly kind: 'answered'; readonly atMs: number; readonly outcome: string }
  | { readonly kind: 'lost'; readonly atMs: number; readonly said: string }

/** What the probes came to: the longest time is that of one that was answered. */
export interface Probed {
  readonly asked: number
  readonly answered: number
  readonly longestMs: number
}

const node = '127.0.0.1'
/** The default of a probe (Kubernetes API reference, Probe). */
const probeTimeoutMs = 1_000

/** Calls the hook as the kubelet does: keep-alive, no time-out, no second try. Never rejects. */
export async function callHook(url: string): Promise<Called> {
  const agent = new Agent({ keepAlive: true })
  try {
    const body = await get(`${url}/prestop`, agent)
    const { outcome = 'no outcome' } = JSON.parse(body) as { outcome?: string }
    return { kind: 'answered', atMs: performance.now(), outcome }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return { kind: 'lost', atMs: performance.now(), said: code ?? message }
  } finally {
    agent.destroy()
  }
}

/** Probes in turn until it is told to stop. */
export async function keepProbing(url: string, everyMs: number, signal: AbortSignal) {
  const probed = { asked: 0, answered: 0, longestMs: 0 }
  const ask = async (path: string) => {
    const startedAtMs = performance.now()
    probed.asked += 1
    try {
      await get(`${url}${path}`, false, AbortSignal.timeout(probeTimeoutMs))
      probed.answered += 1
      probed.longestMs = Math.max(probed.longestMs, performance.now() - startedAtMs)
    } catch {
      // Counted by what was not answered.
    }
  }
  while (!signal.aborted) {
    await Promise.all([ask('/livez'), ask('/readyz'), setTimeout(everyMs)])
  }
  return probed satisfies Probed
}

function get(url: string, agent: Agent | false, signal?: AbortSignal): Promise<string> {
  const headers = { 'user-agent': 'kube-lifecycle/1.36', accept: '*/*' }
  return new Promise((resolve, reject) => {
    const options = { agent, headers, localAddress: node, ...(signal ? { signal } : {}) }
    const call = request(url, options, (answer) => {
      let body = ''
      answer.setEncoding('utf8').on('data', (text) => {
        body += text
      })
      answer.on('end', () => resolve(body)).on('error', reject)
    })
    call.on('error', reject).end()
  })
}
