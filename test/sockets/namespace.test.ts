import { setTimeout } from 'node:timers/promises'
import t from 'tap'
import { readCidr } from '../../src/sockets/cidr.ts'
import { createConnections } from '../../src/sockets/connections.ts'
import { makeNamespaces, whyNoNamespaces } from '../support/namespaces.ts'

const pod = { v4: '10.0.1.7', v6: 'fd00::7' }
const node = '10.0.1.1'
const balancer = { v4: '10.0.1.20', v6: 'fd00::20' }
const scraper = '10.0.1.70'

const dualStack = 8080
const ipv4Only = 8081

const server = `
const net = require('node:net')
net.createServer().listen(${dualStack}, '::', () =>
  net.createServer().listen(${ipv4Only}, '0.0.0.0', () => console.log('listening')))
`

/** A program that keeps connections open, each from an address to an address and port. */
function client(...connections: [from: string, to: string, port: number][]): string {
  return `
const net = require('node:net')
const wanted = ${JSON.stringify(connections)}
let connected = 0
for (const [localAddress, host, port] of wanted)
  net.connect({ localAddress, host, port }, () => {
    connected += 1
    if (connected === wanted.length) console.log('connected')
  })
`
}

t.test('sockets of a real pod network', { skip: whyNoNamespaces() }, async (t) => {
  const namespaces = makeNamespaces(t, {
    pod: [`${pod.v4}/24`, `${pod.v6}/64`],
    outside: [`${node}/24`, `${balancer.v4}/24`, `${scraper}/24`, `${balancer.v6}/64`],
  })
  const { pid } = await namespaces.run('pod', server)
  const ignore = [readCidr('10.0.1.64/26') ?? []].flat()
  const connections = createConnections({ hostIp: node, ignore, procNet: `/proc/${pid}/net` })

  /** Both ports' counts, once they are these; what they are after ten seconds otherwise. */
  async function countOf(...expected: [number, number]) {
    for (let looks = 1; ; looks += 1) {
      const counted = await connections.count([dualStack, ipv4Only])
      if (counted.kind !== 'counted') return counted
      const counts = [dualStack, ipv4Only].map((port) => counted.established.get(port))
      if (looks === 200 || `${counts}` === `${expected}`) return counts
      await setTimeout(50)
    }
  }

  t.strictSame(await countOf(0, 0), [0, 0], 'listening alone is no connection')

  const ownOnes = client(
    ['127.0.0.1', '127.0.0.1', dualStack],
    ['::1', '::1', dualStack],
    [pod.v4, pod.v4, dualStack],
    [pod.v6, pod.v6, dualStack],
    ['127.0.0.1', '127.0.0.1', ipv4Only],
    [pod.v4, pod.v4, ipv4Only],
  )
  await namespaces.run('pod', ownOnes)
  const notTraffic = client(
    [node, pod.v4, dualStack],
    [scraper, pod.v4, dualStack],
    [node, pod.v4, ipv4Only],
    [scraper, pod.v4, ipv4Only],
  )
  await namespaces.run('outside', notTraffic)
  const traffic = client(
    [balancer.v4, pod.v4, dualStack],
    [balancer.v4, pod.v4, dualStack],
    [balancer.v6, pod.v6, dualStack],
    [balancer.v4, pod.v4, ipv4Only],
  )
  const balancing = await namespaces.run('outside', traffic)
  t.strictSame(await countOf(3, 1), [3, 1], "the balancer's, in either family")

  const everyone = createConnections({ ignore: [], procNet: `/proc/${pid}/net` })
  const established = new Map([
    [dualStack, 5],
    [ipv4Only, 3],
  ])
  const all = await everyone.count([dualStack, ipv4Only])
  t.strictSame(all, { kind: 'counted', established }, 'the node and the scraper connected as well')

  balancing.kill('SIGKILL')
  t.strictSame(await countOf(0, 0), [0, 0], 'none when the balancer has gone')
})
