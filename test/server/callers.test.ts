import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { createCallers, peerOf } from '../../src/server/callers.ts'
import { most } from '../../src/server/shed.ts'
import {
  hookRequest,
  hookServer,
  onePeerOnly,
  type RawCaller,
  until,
} from '../support/hook-server.ts'

const [peer, other] = ['127.0.0.2', '127.0.0.3']

t.test('one spelling for each address', async (t) => {
  t.equal(peerOf('10.0.1.7'), '10.0.1.7')
  t.equal(peerOf('::ffff:10.0.1.7'), '10.0.1.7')
  t.equal(peerOf('::FFFF:10.0.1.7'), '10.0.1.7')
  t.equal(peerOf('FD00:0:0::7'), 'fd00::7')
  t.equal(peerOf('gone'), 'gone')
})

/** Sockets of which only the end is seen, and that close as late as they like. */
function fakeSockets() {
  const ended: string[] = []
  const callers = createCallers({
    ...{ clock: { now: () => 0 }, node: () => [], shed: () => undefined },
  })
  return {
    ended,
    come(remoteAddress: string, name: string, stage: 'asking' | 'held' = 'asking') {
      const resetAndDestroy = () => ended.push(name)
      const socket = Object.assign(new EventEmitter(), { remoteAddress, resetAndDestroy })
      callers.came(socket as unknown as Socket)
      if (stage === 'held') callers.waits(socket as unknown as Socket)
      return socket
    },
  }
}

t.test('each loses one for each that comes, before any has closed', async (t) => {
  const { come, ended } = fakeSockets()
  for (let n = 1; n <= most.each + 3; n += 1) come('10.0.1.1', `${n}`)
  t.strictSame(ended, ['1', '2', '3'])
})

t.test('the peer that called first is most likely the node', async (t) => {
  const { come, ended } = fakeSockets()
  come('10.0.0.1', 'probe').emit('close')
  for (let n = 0; n < most.all; n += 1) come(`10.1.0.${n}`, 'of many', 'held')
  for (let n = 0; n < 5; n += 1) come('10.0.0.1', 'of the node', 'held')
  come('10.2.0.1', 'of one more', 'held')
  t.strictSame(ended, Array(6).fill('of many'))
})

t.test('silent connections: the longest silent one goes', { skip: onePeerOnly }, async (t) => {
  const { listen, shed } = hookServer()
  const call = await listen(t)
  const silent = []
  for (let n = 0; n < most.each + 5; n += 1) silent.push(await call(peer))
  await Promise.all(silent.slice(0, 5).map(({ closed }) => closed))
  t.equal(silent.filter(({ isOpen }) => isOpen()).length, most.each)
  t.strictSame(shed, Array(5).fill(peer))
})

t.test('a place that was given up can be taken', async (t) => {
  const { listen, shed } = hookServer()
  const call = await listen(t)
  for (let n = 0; n < most.each + 20; n += 1) {
    const { socket, closed } = await call()
    socket.end()
    await closed
  }
  t.strictSame(shed, [])
})

t.test('held hooks: the first to come stay, and are answered', { skip: onePeerOnly }, async (t) => {
  const { listen, hooks, release } = hookServer()
  const call = await listen(t)
  const held = []
  for (let n = 0; n < most.each; n += 1) {
    const caller = await call(peer)
    caller.socket.write(hookRequest)
    held.push(caller)
  }
  await until(() => hooks() === most.each)
  const late = await call(peer)
  late.socket.write(hookRequest)
  await late.closed
  t.equal(late.said(), '', 'no answer, which would be a release')
  const elsewhere = await call(other)
  elsewhere.socket.write(hookRequest)
  await until(() => hooks() === most.each + 1)
  release()
  for (const { closed, said } of [...held, elsewhere]) {
    await closed
    t.match(said(), /^HTTP\/1.1 200 [\s\S]*deregistered/)
  }
})

t.test('the node may have as many as it likes', { skip: onePeerOnly }, async (t) => {
  for (const node of [[peer], ['fd00::1', `::ffff:${peer}`], ['no address', peer]]) {
    const { listen, shed } = hookServer({ node: () => node })
    const call = await listen(t)
    const callers = []
    for (let n = 0; n < most.each + 5; n += 1) callers.push(await call(peer))
    t.ok(callers.every(({ isOpen }) => isOpen()))
    t.strictSame(shed, [])
  }
})

t.test('the node becomes known while its hooks are held', { skip: onePeerOnly }, async (t) => {
  const node: string[] = []
  const { listen, shed } = hookServer({ node: () => node })
  const call = await listen(t)
  for (let n = 0; n < most.each; n += 1) await call(peer)
  node.push(peer)
  for (let n = 0; n < 5; n += 1) await call(peer)
  t.strictSame(shed, [])
})

t.test('many peers: the unknown kubelet is answered', { skip: onePeerOnly }, async (t) => {
  const { listen, hooks, release } = hookServer()
  const call = await listen(t)
  const kubelet = await call()
  kubelet.socket.write(hookRequest)
  await until(() => hooks() === 1)
  const flood: RawCaller[] = []
  for (let n = 0; n < most.all + 50; n += 1) {
    const caller = await call(`127.0.1.${n % 20}`)
    caller.socket.write(hookRequest)
    flood.push(caller)
  }
  const again = await call()
  again.socket.write(hookRequest)
  await until(() => flood.filter(({ isOpen }) => isOpen()).length === most.all - 2)
  release()
  await Promise.all([kubelet.closed, again.closed])
  for (const { said } of [kubelet, again]) t.match(said(), /deregistered/)
})
