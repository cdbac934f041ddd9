import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { containerLog, openToAppend } from '../../src/telling/container-log.ts'

t.test('a file is written at its end', async (t) => {
  const path = join(t.testdir({ log: 'before\n' }), 'log')
  const [file = -1] = openToAppend(path)
  writeSync(file, 'after\n')
  closeSync(file)
  t.equal(readFileSync(path, 'utf8'), 'before\nafter\n')
})

t.test('what cannot be opened is left out: nothing there, or a socket', async (t) => {
  t.strictSame(openToAppend(join(t.testdir({}), 'none', 'log')), [])
  // A socket's path may have a hundred characters or so.
  const folder = mkdtempSync(join(tmpdir(), 'draingate-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'log')
  const server = createServer().listen(path)
  await once(server, 'listening')
  t.teardown(() => server.close())
  t.strictSame(openToAppend(path), [])
})

t.test('nor is a pipe waited for that nobody reads', async (t) => {
  const path = join(t.testdir({}), 'log')
  execFileSync('mkfifo', [path])
  t.strictSame(openToAppend(path), [])
})

t.test('an ordinary process has no container log', async (t) => {
  t.strictSame(containerLog(), [])
})
