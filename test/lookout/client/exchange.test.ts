import type { ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createExchange } from '../../../src/lookout/client/exchange.ts'
import { loopback } from '../../support/loopback.ts'
import { createVirtualClock } from '../../support/virtual-clock.ts'

const never = new AbortController().signal
const post = { path: '/v1/look', token: 'a-token', body: { group: 'wéb' } }

/** A question that is under way, with the response in the hands of the test. */
async function scene(t: Test, signal = never) {
  const clock = createVirtualClock()
  const begun = Promise.withResolvers<ServerResponse>()
  const closed = Promise.withResolvers<void>()
  const address = await loopback(t, (request, response) => {
    response.on('close', closed.resolve)
    request.resume().on('end', () => begun.resolve(response))
  })
  const asked = createExchange({ clock })(address, post, signal)
  const settled = asked.then(
    ({ body }) => body,
    (error: Error) => error,
  )
  const response = await begun.promise
  const write = async (said: string) => {
    response.write(said)
    await setTimeout(50)
  }
  return { clock, response, settled, write, closed: closed.promise }
}

t.test('what is sent, and what comes back', async (t) => {
  const heard = Promise.withResolvers<object>()
  const address = await loopback(t, (request, response) => {
    const { method, url, headers } = request
    void text(request).then((body) => heard.resolve({ method, url, headers, body }))
    response.writeHead(418).end('{"é":1}')
  })
  const exchange = createExchange({ clock: createVirtualClock() })
  t.strictSame(await exchange(address, post, never), { status: 418, body: '{"é":1}' })
  t.match(await heard.promise, {
    ...{ method: 'POST', url: '/v1/look', body: '{"group":"wéb"}' },
    headers: {
      ...{ host: address.url.host, authorization: 'Bearer a-token', connection: 'close' },
      ...{ 'content-type': 'application/json', 'content-length': '16' },
    },
  })
})

t.test('a lookout that says nothing for six seconds is gone', async (t) => {
  const { clock, settled, closed } = await scene(t)
  await clock.advance(5_999)
  t.equal(await Promise.race([settled, setTimeout(50, 'open')]), 'open')
  await clock.advance(1)
  t.match(await settled, { message: 'nothing was heard for 6 s' })
  await closed
})

t.test('blanks tell that it is there', async (t) => {
  const { clock, response, settled, write } = await scene(t)
  for (let seconds = 0; seconds < 20; seconds += 5) {
    await write(' ')
    await clock.advance(5_000)
  }
  response.end('{}')
  t.equal(await settled, '    {}')
})

t.test('but one that has blanks only is of no use', async (t) => {
  const { clock, settled, write } = await scene(t)
  for (let seconds = 0; seconds < 60 && clock.sleepers() > 0; seconds += 5) {
    await write(' ')
    await clock.advance(5_000)
  }
  t.match(await settled, { message: /no answer within \d+ s/ })
  t.ok(clock.now() < 60_000)
})

t.test('blanks that cease', async (t) => {
  const { clock, settled, write } = await scene(t)
  await write(' ')
  await clock.advance(4_000)
  await write(' ')
  await clock.advance(6_000)
  t.match(await settled, { message: /nothing was heard/ })
})

t.test('an answer that is cut off is none, though it may look whole', async (t) => {
  const { response, settled, write } = await scene(t)
  response.writeHead(200, { 'content-length': '100' })
  await write('{"answer":{}}')
  response.destroy()
  t.match(await settled, Error)
})

t.test('nor is one in pieces that ends too early', async (t) => {
  const { response, settled, write } = await scene(t)
  await write('{"answer":{}}')
  response.socket?.destroy()
  t.match(await settled, Error)
})

t.test('an answer without end is read no further', async (t) => {
  const { response, settled, closed } = await scene(t)
  const part = 'x'.repeat(64 * 1_024)
  let isOpen = true
  void closed.then(() => {
    isOpen = false
  })
  for (let nth = 0; nth < 200 && isOpen; nth += 1) {
    response.write(part)
    await setTimeout(1)
  }
  t.match(await settled, { message: 'an answer without end' })
})

t.test('who asked has enough', async (t) => {
  const enough = new AbortController()
  const { settled, closed, clock } = await scene(t, enough.signal)
  enough.abort()
  t.match(await settled, { name: 'AbortError' })
  await closed
  t.equal(clock.sleepers(), 0, 'nothing is left over')
})

t.test('nobody there', async (t) => {
  const clock = createVirtualClock()
  const address = { url: new URL('http://lookout:1'), ip: '127.0.0.1', port: 1 }
  await t.rejects(createExchange({ clock })(address, post, never), { code: 'ECONNREFUSED' })
  t.equal(clock.sleepers(), 0)
})
