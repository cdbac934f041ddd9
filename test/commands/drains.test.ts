import { createServer } from 'node:http'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { createCertificates } from '../../lab/kubernetes/certificates.ts'
import { createBoard } from '../../src/lookout/board/board.ts'
import { pageOf } from '../../src/lookout/board/page.ts'
import { showBoard } from '../../src/lookout/board/show.ts'
import { clock, wallClock } from '../../src/time/clock.ts'
import { podId, told } from '../support/board/drains.ts'
import { run } from '../support/sidecar.ts'

/** A lookout's server with one drain; resolves to the settings that find it. */
async function lookoutWith(t: Test, app: FastifyInstance) {
  t.teardown(() => app.close())
  const board = createBoard({ clock })
  board.put(
    { ...podId(1), name: 'web' },
    told({ state: 'released', outcome: 'idle', heldMs: 25_000 }),
  )
  const rates = { groups: () => [], budgets: () => [] }
  showBoard(app, { board, clock, wallClock, page: pageOf(''), ...rates })
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  return { LISTEN_ADDRESS: `[::]:${new URL(url).port}` }
}

t.test('the drains as a table, and as JSON', async (t) => {
  const env = await lookoutWith(t, Fastify())
  const table = await run(['drains'], env)
  t.equal(table.code, 0, table.stderr)
  t.match(table.stdout, /^POD .*\nshop\/web +in service +25 s +- +- +idle\n$/)
  const json = await run(['drains', '--json'], env)
  t.match(JSON.parse(json.stdout), { drains: [{ pod: 'web', outcome: 'idle' }] })
})

t.test('of a lookout with TLS, whose certificate is for another name', async (t) => {
  const { cert, key } = await createCertificates()
  const app = Fastify({ https: { cert, key } }) as unknown as FastifyInstance
  const env = { ...(await lookoutWith(t, app)), LOOKOUT_TLS_DIRECTORY: '/tls' }
  const { code, stdout, stderr } = await run(['drains'], env)
  t.equal(code, 0, stderr)
  t.match(stdout, 'shop/web')
})

t.test('no lookout: exit code 1, and one line that says what to do', async (t) => {
  const howTo = 'run it in the lookout: kubectl exec deploy/draingate-lookout -- draingate drains'
  const answers = [
    { status: 404, body: '{}', said: 'what listens there is no lookout' },
    { status: 500, body: '', said: 'HTTP 500' },
    { status: 200, body: '{"drains"', said: 'what came is no list of drains' },
    { status: 200, body: 'null', said: 'what came is no list of drains' },
  ]
  for (const { status, body, said } of answers) {
    const server = createServer((_request, response) => response.writeHead(status).end(body))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const wrong = await run(['drains'], { LISTEN_ADDRESS: `127.0.0.1:${port}` })
    server.close()
    const place = `no drains from 127.0.0.1 port ${port}`
    t.strictSame(wrong, { code: 1, stdout: '', stderr: `${place}: ${said}; ${howTo}\n` })
  }
  const none = await run(['drains'], { LISTEN_ADDRESS: '127.0.0.1:1' })
  t.match(none, { code: 1, stderr: `no drains from 127.0.0.1 port 1: ECONNREFUSED; ${howTo}\n` })
})

t.test('only where it asks has to be right', async (t) => {
  const wrong = await run(['drains', '--pod', 'shop/web'], { LISTEN_ADDRESS: 'here', POD_IP: 'x' })
  t.equal(wrong.code, 2)
  t.equal(
    wrong.stderr,
    `--pod goes with doctor\nLISTEN_ADDRESS: 'here' is not an address and port to listen on, like [::]:8089 or 127.0.0.1:8089\n`,
  )
})
