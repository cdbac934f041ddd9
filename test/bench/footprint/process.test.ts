import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { manyDrains, manyProbes } from '../../../bench/footprint/busy.ts'
import { request, start, startServer } from '../../../bench/footprint/process.ts'
import { bareServer, flags, sleep } from '../../../bench/footprint/programs.ts'
import { keepQuiet, readyTimes } from '../../../bench/footprint/quiet.ts'

const node = process.execPath
const root = join(import.meta.dirname, '../../..')

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

t.test('a server is measured until it is ended', async (t) => {
  const server = await startServer(bareServer({ node }))
  t.ok(server.readyMs > 1)
  t.match(await request(`${server.url}/anything`), 'ok')
  const [quiet] = await keepQuiet([server], 100, 50)
  if (process.platform === 'linux') {
    t.ok((quiet?.memory?.rss ?? 0) > 2 ** 20 && (quiet?.cpuMs ?? 0) > 0)
  }
  await server.end()
  t.notOk(isAlive(server.pid))
})

t.test('one that ends before it is ready is an error', async (t) => {
  const program = { command: node, args: ['--eval', '0'], env: {} }
  await t.rejects(startServer(program))
  await t.rejects(startServer({ ...program, command: '/nowhere/node' }))
})

t.test('starts are timed in turn', async (t) => {
  const times = await readyTimes([bareServer({ node }), bareServer({ node })], 2)
  t.same(
    times.map((of) => of.length),
    [2, 2],
  )
})

t.test('a sleep is no server', { skip: !existsSync(sleep.command) }, async (t) => {
  const sleeper = await start(sleep)
  t.ok(isAlive(sleeper.pid))
  await sleeper.end()
  t.notOk(isAlive(sleeper.pid))
})

t.test('many probes have a tenth, a half and an end', async (t) => {
  const points = await manyProbes(bareServer({ node }), 20)
  t.same(
    points.map(({ name }) => name),
    ['after 2 periods of probes', 'after 10 periods of probes', 'after 20 periods of probes'],
  )
  for (const { liveHeap = 0 } of points) t.ok(liveHeap > 2 ** 20 && liveHeap < 2 ** 27)
})

const notBuilt = existsSync(join(root, 'dist/draingate.js')) ? false : 'npm run build'
t.test('each of many drains is a drain of its own', { skip: notBuilt }, async (t) => {
  const { points, outcomes, looks } = await manyDrains({ node }, 10)
  t.equal(points.length, 3)
  t.equal(
    [...outcomes.values()].reduce((sum, times) => sum + times, 0),
    10,
  )
  t.ok(looks > 0, `${looks} looks`)
})

t.test('the flags are those of the image', async (t) => {
  const [, entry = '[]'] =
    /^ENTRYPOINT (.*)$/m.exec(readFileSync(join(root, 'Dockerfile'), 'utf8')) ?? []
  t.strictSame(
    (JSON.parse(entry) as string[]).filter((arg) => arg.startsWith('-')),
    [...flags],
  )
})
