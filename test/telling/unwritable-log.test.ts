import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Report } from '../../src/drain/account/report.ts'

// Most of it is waiting.
t.jobs = 2

/** A pod in front of an AWS that refuses every connection: its hooks fall back. */
const awsDown = {
  TARGET_GROUP_ARNS:
    'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef',
  POD_IP: '10.0.1.7',
  FALLBACK_SECONDS: '5',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'the-secret-key',
  AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
}

/** Open for writing until the test is over. */
function opened(t: Test, path: string, flags: string | number): number {
  const file = openSync(path, flags)
  t.teardown(() => closeSync(file))
  return file
}

/** What is written to a container's log goes to a pipe, and whoever reads that may be stuck. */
function stuckPipe(t: Test): number {
  const path = join(t.testdir({}), 'log')
  execFileSync('mkfifo', [path])
  const reader = opened(t, path, constants.O_RDWR | constants.O_NONBLOCK)
  try {
    for (;;) writeSync(reader, ' '.repeat(4_096))
  } catch {
    // It is full.
  }
  return opened(t, path, 'w')
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const logs: [what: string, open: (t: Test) => number][] = [
  ['a full disk', (t) => opened(t, '/dev/full', 'w')],
  ['a pipe that nobody reads', stuckPipe],
]

for (const [what, open] of logs) {
  t.test(`a log that cannot be written decides nothing: ${what}`, { buffered: true }, async (t) => {
    const log = open(t)
    const start = (args: string[], env: Record<string, string>, stdout: number | 'pipe') => {
      const child = spawn(process.execPath, ['src/main.ts', ...args], {
        env: { ...awsDown, PATH: '', ...env },
        stdio: ['ignore', stdout, log],
        cwd: join(import.meta.dirname, '../..'),
      })
      t.teardown(() => child.kill('SIGKILL'))
      return child
    }
    const hooks = [start(['wait'], {}, 'pipe'), start(['wait', '--json'], {}, log)]
    const port = await freePort()
    const server = start([], { LISTEN_ADDRESS: `127.0.0.1:${port}` }, log)
    const url = `http://127.0.0.1:${port}`
    const signal = AbortSignal.timeout(20_000)
    while (!(await fetch(`${url}/readyz`, { signal }).catch(() => undefined))) {
      signal.throwIfAborted()
      await pause(50)
    }
    const answer = await fetch(`${url}/prestop`, { signal })
    t.equal(answer.status, 200)
    t.match((await answer.json()) as Report, { outcome: 'fallback', because: /ECONNREFUSED/ })
    server.kill('SIGTERM')
    const codes = [...hooks, server].map(
      async (child) => child.exitCode ?? (await once(child, 'exit', { signal }))[0],
    )
    t.strictSame(await Promise.all(codes), [4, 4, 0])
  })
}
