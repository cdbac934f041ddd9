import t from 'tap'
import { hold, polite, startNode } from './node.ts'

const preStop = { httpGet: { port: 9000, path: '/prestop' } }

t.test('a restart runs the hook and starts the container again, without a deletion', async (t) => {
  const node = startNode(t)
  const pod = await node.run({
    containers: [
      { name: 'app', command: polite, preStop: { sleepMs: 10 } },
      { name: 'logs', command: polite },
    ],
  })
  t.ok(pod.ready())
  await pod.restart('app')
  t.strictSame(node.story().slice(3), [
    'hook-started app',
    'hook-ended app',
    'sigterm app',
    'exited app',
    'unready',
    'started app',
    'ready',
  ])
  t.equal(pod.deletion(), undefined)
  t.ok(pod.ready())
})

t.test('a restart that is held holds up the deletion behind it', async (t) => {
  const node = startNode(t, 1000)
  const pod = await node.run({ containers: [{ name: 'app', command: polite, preStop }] })
  const { calls } = await hold(t, node.network, pod.ip, 9000)
  void pod.restart('app')
  while (calls.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  void pod.delete()
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.equal(calls.length, 1, 'the deletion has called no hook yet')
  calls[0]?.end()
  await pod.ended
  t.equal(calls.length, 1, 'and then there is no container left to call one for')
  t.equal(node.story().filter((line) => line === 'started app').length, 1)
})

t.test('a container that crashes starts again, but not in a pod that ends', async (t) => {
  const node = startNode(t, 20)
  const crash: typeof polite = ['/bin/sh', '-c', 'echo up; exit 7']
  const pod = await node.kubelet.run('pod', {
    containers: [
      { name: 'app', command: polite },
      { name: 'crash', command: crash },
    ],
  })
  await node.lines(4)
  t.equal((await node.seen('exited', 'crash')).detail, 'code 7')
  await pod.delete()
  const starts = () => node.story().filter((line) => line === 'started crash').length
  const then = starts()
  t.ok(then >= 2)
  await new Promise((resolve) => setTimeout(resolve, 300))
  t.equal(starts(), then)
})

t.test('a command that does not exist is a container that exits', async (t) => {
  const node = startNode(t)
  await node.kubelet.run('pod', {
    containers: [{ name: 'app', command: ['/no/such/command'] }],
  })
  t.equal((await node.seen('exited')).detail, 'code 127')
})

t.test('a pod needs a name of its own and knows its containers', async (t) => {
  const node = startNode(t)
  const pod = await node.run({ containers: [{ name: 'app', command: polite }] })
  await t.rejects(node.kubelet.run('pod', { containers: [] }), /already/)
  t.throws(() => pod.restart('nginx'), /no container nginx/)
  await pod.delete()
  await t.resolves(node.kubelet.run('pod', { containers: [] }), 'an ended pod frees its name')
})
