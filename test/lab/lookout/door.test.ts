import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { type DoorFault, openDoor } from '../../../lab/lookout/door.ts'

async function behindADoor(t: Test) {
  const server = createServer(async (request, response) => {
    request.resume()
    if (request.url === '/half') {
      response.writeHead(200).write('half', () => request.socket.destroy())
      return
    }
    response.writeHead(200, { 'x-path': `${request.method} ${request.url}` })
    response.write(' ')
    await once(request, 'end')
    response.end('{"answer":1}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const behind: { port: number | undefined } = { port }
  const door = await openDoor(() => behind.port)
  t.teardown(() => {
    server.close()
    return door.close()
  })
  const ask = (path = '/v1/pod', signal = AbortSignal.timeout(5_000)) =>
    fetch(`${door.url}${path}`, { method: 'POST', body: '{}', signal })
  return { door, behind, ask }
}

t.test('hands on what is asked and what is answered', async (t) => {
  const { ask } = await behindADoor(t)
  const answer = await ask()
  t.equal(answer.headers.get('x-path'), 'POST /v1/pod')
  t.equal(await answer.text(), ' {"answer":1}')
})

t.test('with nobody behind it, connections are reset', async (t) => {
  const { ask, behind } = await behindADoor(t)
  const { port } = behind
  behind.port = undefined
  await t.rejects(ask(), { cause: { code: 'ECONNRESET' } })
  behind.port = 1
  await t.rejects(ask(), { cause: { code: 'ECONNRESET' } }, 'as with one that has just ended')
  behind.port = port
  t.equal((await ask()).status, 200)
})

t.test('an answer that breaks off breaks off for whoever asked', async (t) => {
  const { ask } = await behindADoor(t)
  await t.rejects(ask('/half').then((answer) => answer.text()))
})

const faults: [DoorFault, status: number, text: RegExp][] = [
  [{ kind: 'html' }, 200, /^<!DOCTYPE html>/],
  [{ kind: 'empty' }, 200, /^\{\}$/],
  [{ kind: 'status', code: 502 }, 502, /^<!DOCTYPE html>/],
  [{ kind: 'slow', delayMs: 100 }, 200, /answer/],
]

for (const [fault, status, text] of faults) {
  t.test(`a door that is broken: ${fault.kind}`, async (t) => {
    const { door, ask } = await behindADoor(t)
    door.break(fault)
    const answer = await ask()
    t.equal(answer.status, status)
    t.match(await answer.text(), text)
    door.mend()
    t.match(await (await ask()).text(), /answer/)
  })
}

t.test('a door where nothing is heard, and one that resets', async (t) => {
  const { door, ask } = await behindADoor(t)
  door.break({ kind: 'hang' })
  await t.rejects(ask('/v1/pod', AbortSignal.timeout(200)), { name: 'TimeoutError' })
  door.break({ kind: 'reset' })
  await t.rejects(ask(), { cause: { code: 'ECONNRESET' } })
})

t.test('whoever hangs up while an answer is late has left nothing behind', async (t) => {
  const { door, ask } = await behindADoor(t)
  door.break({ kind: 'slow', delayMs: 200 })
  await t.rejects(ask('/v1/pod', AbortSignal.timeout(50)))
  await new Promise((resolve) => setTimeout(resolve, 300))
  door.mend()
  t.equal((await ask()).status, 200)
})
