import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Test } from 'tap'

export interface Sidecar {
  readonly url: string
  readonly log: () => string
  readonly kill: (signal: NodeJS.Signals) => void
  /** The exit code, once the process has ended. */
  readonly ended: Promise<number | null>
}

const main = join(import.meta.dirname, '../../src/main.ts')

/** Runs draingate to its end. */
export async function run(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [main, ...args], { env: { PATH: '', ...env } })
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')]
  const [code] = await once(child, 'close')
  return { code, stdout: stdout(), stderr: stderr() }
}

/** Starts draingate on a free port of the loopback address, and waits until it listens. */
export async function startSidecar(t: Test, env: Record<string, string>): Promise<Sidecar> {
  const child = spawn(process.execPath, [main], {
    env: { PATH: '', LISTEN_ADDRESS: '127.0.0.1:0', ...env },
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [log, errors] = [collect(child, 'stdout'), collect(child, 'stderr')]
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return { url: await urlOf(child, log, errors), log, kill: (signal) => child.kill(signal), ended }
}

async function urlOf(child: ChildProcess, log: () => string, errors: () => string) {
  for (;;) {
    const [, url] = /"url":"([^"]+)"/.exec(log()) ?? []
    if (url) return url
    if (child.exitCode !== null) throw new Error(`it ended: ${errors()}${log()}`)
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'close')])
  }
}

function collect(child: ChildProcess, stream: 'stdout' | 'stderr'): () => string {
  let text = ''
  child[stream]?.setEncoding('utf8').on('data', (data) => {
    text += data
  })
  return () => text
}
