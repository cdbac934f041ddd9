import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { get } from 'node:http'

/** A program to be measured. */
export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

export interface Running {
  readonly pid: number
  /** Kills it; resolves when it has ended. */
  end(): Promise<void>
  /** The same, but lets it end by itself. */
  stop(): Promise<void>
}

export interface Server extends Running {
  readonly url: string
  /** From the start of the process to the first answer from /readyz, in milliseconds. */
  readonly readyMs: number
  /** The address of its inspector, where it has one. */
  readonly inspector: string | undefined
}

const startsWithinMs = 30_000

/** Starts a program that says nothing. */
export async function start({ command, args, env }: Program): Promise<Running> {
  const child = spawn(command, args, { env, stdio: 'ignore' })
  await once(child, 'spawn')
  return running(child)
}

/**
 * Starts a server that prints its address as `"url":"..."`, and waits until it is ready.
 *
 * @throws When it ends before, or is not ready within half a minute.
 */
export async function startServer({ command, args, env }: Program): Promise<Server> {
  const startedAtMs = performance.now()
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const said = listenTo(child)
  try {
    await once(child, 'spawn')
    const url = await urlOf(child, said)
    await request(`${url}/readyz`)
    const readyMs = performance.now() - startedAtMs
    const [inspector] = /ws:\/\/\S+/.exec(said()) ?? []
    return { ...running(child), url, readyMs, inspector }
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  }
}

function running(child: ChildProcess): Running {
  const ended = once(child, 'exit')
  const after = async (signal: 'SIGKILL' | 'SIGTERM') => {
    child.kill(signal)
    await ended
  }
  return { pid: child.pid ?? -1, end: () => after('SIGKILL'), stop: () => after('SIGTERM') }
}

/** What a process has said so far. What it says later is read, too: a full pipe would stop it. */
function listenTo({ stdout, stderr }: ChildProcess): () => string {
  let said = ''
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (data) => {
      if (said.length < 10_000) said += data
    })
  }
  return () => said
}

async function urlOf(child: ChildProcess, said: () => string): Promise<string> {
  const ended = new AbortController()
  child.once('exit', () => ended.abort(new Error(`it ended before it was ready: ${said()}`)))
  const signal = AbortSignal.any([AbortSignal.timeout(startsWithinMs), ended.signal])
  for (;;) {
    const [, url] = /"url":"([^"]+)"/.exec(said()) ?? []
    if (url) return url
    signal.throwIfAborted()
    await once(child.stdout ?? child, 'data', { signal })
  }
}

/** A GET on a connection of its own, as the kubelet's probes come. Resolves with the body. */
export function request(url: string, signal?: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, ...(signal ? { signal } : {}) }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (data) => {
        body += data
      })
      response.on('end', () => resolve(body)).on('error', reject)
    }).on('error', reject)
  })
}
