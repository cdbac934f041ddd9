import { type Agent, type IncomingMessage, request } from 'node:http'
import type { Clock } from '../../src/time/clock.ts'
import type { Network } from '../network.ts'
import type { Running } from './processes.ts'
import type { Hook } from './spec.ts'

/** What a hook came to. Nobody looks at an HTTP status or waits for it longer because of it. */
export type HookEnd = { kind: 'ended' | 'failed'; detail: string }

export interface HookDeps {
  ip: string
  network: Pick<Network, 'resolve'>
  agent: Agent
  clock: Clock
  /** Runs a command beside the container's own process. */
  exec(command: [string, ...string[]]): Running
  /** The end of the lab: the only thing that cuts a hook. */
  signal: AbortSignal
}

/**
 * Runs one preStop hook to its own end, however long that takes: a hook has no timeout. It never
 * rejects. Source: pkg/kubelet/lifecycle/handlers.go.
 */
export async function runHook(hook: Hook, deps: HookDeps): Promise<HookEnd> {
  if ('sleepMs' in hook) {
    await deps.clock.sleepUntil(deps.clock.now() + hook.sleepMs, deps.signal)
    return { kind: 'ended', detail: `slept ${hook.sleepMs} ms` }
  }
  if ('httpGet' in hook) return get(hook.httpGet, deps)
  const [file, ...args] = hook.exec
  if (file === undefined) return { kind: 'failed', detail: 'no command' }
  const { code, signal } = await deps.exec([file, ...args]).exited
  const detail = signal === undefined ? `exit code ${code}` : `ended by ${signal}`
  return { kind: code === 0 ? 'ended' : 'failed', detail }
}

function get({ port, path }: { port: number; path: string }, deps: HookDeps): Promise<HookEnd> {
  const loopback = deps.network.resolve(deps.ip, port)
  if (loopback === undefined) {
    return Promise.resolve({ kind: 'failed', detail: `nothing at ${deps.ip}:${port}` })
  }
  return new Promise((resolve) => {
    const call = request({
      host: '127.0.0.1',
      port: loopback,
      path,
      agent: deps.agent,
      headers: {
        host: `${deps.ip}:${port}`,
        'user-agent': 'kube-lifecycle/1.36',
        accept: '*/*',
      },
      signal: deps.signal,
    })
    call.on('response', (answer) => {
      const end = () => resolve({ kind: 'ended', detail: `HTTP ${answer.statusCode}` })
      discard(answer, end)
    })
    call.on('error', (error: NodeJS.ErrnoException) => {
      // Go's client, and so the kubelet, sends a GET again when a kept connection turns out closed.
      if (call.reusedSocket && error.code === 'ECONNRESET') resolve(get({ port, path }, deps))
      else resolve({ kind: 'failed', detail: error.message })
    })
    call.end()
  })
}

const longestBodyBytes = 10 * 1024

// The body is read to its end or 10 KiB, and one that announces more is not read at all. An error
// in it is no failure: the answer has already begun.
function discard(answer: IncomingMessage, end: () => void): void {
  let bytes = 0
  answer.on('error', end)
  answer.on('close', end)
  if (Number(answer.headers['content-length'] ?? 0) > longestBodyBytes) {
    answer.destroy()
    return
  }
  answer.on('end', end)
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes >= longestBodyBytes) answer.destroy()
  })
}
