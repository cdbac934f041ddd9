import t from 'tap'
import { hold, polite, startNode, stubborn } from './node.ts'

const preStop = { httpGet: { port: 9000, path: '/prestop' } }

t.test('a held hook holds its container, and the native sidecars behind it', async (t) => {
  const node = startNode(t, 1000)
  const pod = await node.run({
    nativeSidecars: [
      { name: 'first', command: polite },
      { name: 'second', command: polite, preStop: { sleepMs: 1 } },
    ],
    containers: [
      { name: 'app', command: polite, preStop },
      { name: 'logs', command: polite },
    ],
  })
  const { calls } = await hold(t, node.network, pod.ip, 9000)
  void pod.delete()
  await node.seen('exited', 'logs')
  await node.seen('hook-ended', 'second')
  await node.seen('hook-started', 'app')
  t.notOk(node.story().includes('sigterm app'), 'the app is held')
  t.notOk(node.story().includes('sigterm second'), 'so are the native sidecars')

  while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  calls[0]?.end('released')
  await pod.ended
  const story = node.story()
  const order = ['hook-ended app', 'sigterm app', 'exited app', 'sigterm second', 'exited second']
  order.push('sigterm first', 'exited first', 'ended')
  t.strictSame(
    story.filter((line) => order.includes(line)),
    order,
  )
  t.ok(
    story.indexOf('hook-started second') < story.indexOf('hook-ended app'),
    'hooks start together',
  )
  t.equal(node.network.resolve(pod.ip, 9000), undefined, 'its address is forgotten')
})

t.test('a hook that cannot be reached means SIGTERM at once', async (t) => {
  const node = startNode(t, 1000)
  const pod = await node.run({ containers: [{ name: 'app', command: polite, preStop }] })
  await pod.delete()
  t.strictSame(node.story().slice(2), [
    'deleted',
    'hook-started app',
    'hook-failed app',
    'sigterm app',
    'exited app',
    'ended',
  ])
  t.equal((await node.seen('sigterm')).detail, '30000 ms to SIGKILL')
})

t.test('at the end of the grace period the call stays, and the app has two seconds', async (t) => {
  const node = startNode(t, 50)
  const pod = await node.run({
    gracePeriodMs: 250,
    containers: [{ name: 'app', command: stubborn, preStop }],
  })
  const { calls, hungUp } = await hold(t, node.network, pod.ip, 9000)
  void pod.delete()
  const { atMs } = await node.seen('deleted')
  const sigterm = await node.seen('sigterm')
  t.ok(sigterm.atMs - atMs >= 250, 'SIGTERM waits for the grace period')
  t.equal(sigterm.detail, '100 ms to SIGKILL')
  const sigkill = await node.seen('sigkill')
  t.ok(sigkill.atMs - sigterm.atMs >= 100, 'SIGKILL waits for two seconds more')
  await pod.ended
  t.equal((await node.seen('exited')).detail, 'SIGKILL')
  t.equal(calls.length, 1)
  t.equal(hungUp(), 0, 'nobody hung up on the hook')
})

t.test('a stubborn sidecar is killed after what the grace period had left', async (t) => {
  const node = startNode(t, 50)
  const pod = await node.run({
    gracePeriodMs: 300,
    nativeSidecars: [{ name: 'sidecar', command: stubborn }],
    containers: [{ name: 'app', command: polite }],
  })
  await pod.delete()
  const sigterm = await node.seen('sigterm', 'sidecar')
  const sigkill = await node.seen('sigkill', 'sidecar')
  t.ok(sigkill.atMs - sigterm.atMs >= 100)
  t.notOk(node.story().includes('sigkill app'))
})

t.test('a second deletion moves the deadline of the object, not of the hook', async (t) => {
  const node = startNode(t, 1000)
  const pod = await node.run({ containers: [{ name: 'app', command: polite, preStop }] })
  const { calls } = await hold(t, node.network, pod.ip, 9000)
  t.equal(pod.deletion(), undefined)
  void pod.delete()
  const before = pod.deletion()
  t.equal(before?.graceMs, 30_000)
  void pod.delete(60_000)
  t.equal(pod.deletion(), before, 'a longer one changes nothing')
  const ended = pod.delete(20)
  t.equal(pod.deletion()?.graceMs, 20)
  t.ok((pod.deletion()?.timestampMs ?? 0) < (before?.timestampMs ?? 0))
  await new Promise((resolve) => setTimeout(resolve, 150))
  t.notOk(node.story().includes('sigterm app'), 'the hook is still held')
  while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  calls[0]?.end()
  await ended
})

t.test('an exec hook runs in the container, and dies with it', async (t) => {
  const node = startNode(t, 50)
  const pod = await node.run({
    gracePeriodMs: 100,
    containers: [
      { name: 'fails', command: polite, preStop: { exec: ['/bin/sh', '-c', 'exit 3'] } },
      { name: 'hangs', command: polite, preStop: { exec: ['/bin/sleep', '600'] } },
    ],
  })
  await pod.delete()
  t.equal((await node.seen('hook-failed', 'fails')).detail, 'exit code 3')
  t.equal((await node.seen('hook-failed', 'hangs')).detail, 'ended by SIGKILL')
})
