import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent, get, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const file = fileURLToPath(new URL('../../../lab/app/server.ts', import.meta.url))

async function startApp(t: Test, responseMs: number) {
  const app = spawn(process.execPath, [file], {
    env: { PATH: process.env.PATH, RESPONSE_MS: String(responseMs), POD_NAME: 'web-0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => app.kill('SIGKILL'))
  const [line] = await once(app.stdout, 'data')
  const url = String(line).trim().replace('listening on ', '')
  const exited = once(app, 'exit')
  return { app, url, exited }
}

async function ask(url: string, agent: Agent): Promise<{ answer: IncomingMessage; body: string }> {
  const [answer] = await once(get(url, { agent }), 'response')
  let body = ''
  for await (const chunk of answer) body += chunk
  return { answer, body }
}

t.test('on SIGTERM it finishes what is in flight, hangs up and exits 0', async (t) => {
  const { app, url, exited } = await startApp(t, 300)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  const idle = await ask(`${url}/healthz`, agent)
  t.equal(idle.answer.headers.connection, 'keep-alive')

  const flying = ask(url, new Agent({ keepAlive: true }))
  // By the time that this later request is answered, the app has the slow one.
  await new Promise((resolve) => setTimeout(resolve, 50))
  await ask(`${url}/healthz`, agent)
  app.kill('SIGTERM')
  const { answer, body } = await flying
  t.equal(answer.statusCode, 200)
  t.equal(body, 'web-0\n')
  t.equal(answer.headers.connection, 'close')
  t.strictSame(await exited, [0, null])
})

t.test('an idle app exits at once, though a client keeps a connection', async (t) => {
  const { app, url, exited } = await startApp(t, 0)
  const agent = new Agent({ keepAlive: true })
  t.teardown(() => agent.destroy())
  t.equal((await ask(url, agent)).body, 'web-0\n')
  app.kill('SIGTERM')
  t.strictSame(await exited, [0, null])
})
