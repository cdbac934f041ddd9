import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readCidr } from '../../src/sockets/cidr.ts'
import { type ConnectionsDeps, createConnections } from '../../src/sockets/connections.ts'
import { chunkBytes } from '../../src/sockets/table.ts'
import { type Socket, states, tableOf } from '../support/socket-table.ts'

const pod = '10.0.1.7'
const balancer = '10.0.2.9'
const to8080: Socket = { local: pod, port: 8080, remote: balancer }
const to8080v6: Socket = { local: 'fd00::7', port: 8080, remote: 'fd00::9' }
const mapped: Socket = { local: `::ffff:${pod}`, port: 8080, remote: `::ffff:${balancer}` }

/** Counts on 8080 in tables made of these sockets. */
async function countOf(t: Test, tables: TablesOf, deps: Partial<ConnectionsDeps> = {}) {
  const procNet = t.testdir({
    tcp: tableOf(tables.tcp ?? []),
    ...(tables.tcp6 ? { tcp6: tableOf(tables.tcp6) } : {}),
  })
  const counted = await createConnections({ ignore: [], procNet, ...deps }).count([8080])
  return counted.kind === 'counted' ? counted.established.get(8080) : counted
}

interface TablesOf {
  readonly tcp?: readonly Socket[]
  readonly tcp6?: readonly Socket[]
}

const cidrs = (...texts: string[]) => texts.flatMap((text) => readCidr(text) ?? [])

t.test('both tables, each port by itself', async (t) => {
  const tcp = [to8080, { ...to8080, remotePort: 40_001 }, { ...to8080, port: 8081 }]
  const procNet = t.testdir({ tcp: tableOf(tcp), tcp6: tableOf([to8080v6, mapped]) })
  const counted = await createConnections({ ignore: [], procNet }).count([8080, 8081, 8082, 8080])
  const established = new Map([
    [8080, 4],
    [8081, 1],
    [8082, 0],
  ])
  t.strictSame(counted, { kind: 'counted', established })
})

t.test('the remote port is not asked about', async (t) => {
  t.equal(await countOf(t, { tcp: [{ ...to8080, port: 41_000, remotePort: 8080 }] }), 0)
})

for (const state of Object.keys(states) as (keyof typeof states)[]) {
  t.test(`state ${state}`, async (t) => {
    const one = state === 'established' ? 1 : 0
    const tables = { tcp: [{ ...to8080, state }], tcp6: [{ ...to8080v6, state }] }
    t.equal(await countOf(t, tables), 2 * one)
  })
}

t.test('loopback is not traffic', async (t) => {
  const tcp = ['127.0.0.1', '127.0.0.6', '127.255.255.254'].map((remote) => ({ ...to8080, remote }))
  const tcp6 = ['::1', '::ffff:127.0.0.1'].map((remote) => ({ ...to8080v6, remote }))
  t.equal(await countOf(t, { tcp, tcp6 }), 0)
  t.equal(await countOf(t, { tcp: [{ ...to8080, remote: '128.0.0.1' }] }), 1)
})

t.test('the pod itself is not traffic', async (t) => {
  const tcp = [{ ...to8080, remote: pod }]
  const tcp6 = [
    { ...to8080v6, remote: to8080v6.local },
    { ...mapped, remote: mapped.local },
  ]
  t.equal(await countOf(t, { tcp, tcp6 }), 0)
})

t.test('the node is not traffic', async (t) => {
  const tables = { tcp: [to8080], tcp6: [mapped, to8080v6] }
  t.equal(await countOf(t, tables, { hostIp: balancer }), 1)
  t.equal(await countOf(t, tables, { hostIp: 'fd00:0::9' }), 2)
  t.equal(await countOf(t, tables), 3)
})

t.test('blocks that are left out', async (t) => {
  const tables = { tcp: [to8080, { ...to8080, remote: '10.0.3.9' }], tcp6: [mapped, to8080v6] }
  t.equal(await countOf(t, tables, { ignore: cidrs('10.0.2.0/24') }), 2)
  t.equal(await countOf(t, tables, { ignore: cidrs('10.0.3.9') }), 3)
  t.equal(await countOf(t, tables, { ignore: cidrs('10.0.2.7/23', 'fd00::/64') }), 0)
  t.equal(await countOf(t, tables, { ignore: cidrs('10.0.9.0/24', 'fd01::/64') }), 4)
})

t.test('a host address that is none is a mistake of the caller', async (t) => {
  t.throws(() => createConnections({ ignore: [], hostIp: 'node-1' }), {
    code: 'ERR_INVALID_ADDRESS',
  })
})

t.test('no IPv6 table: a kernel without IPv6', async (t) => {
  t.equal(await countOf(t, { tcp: [to8080] }), 1)
})

t.test('no IPv4 table: nothing is known', async (t) => {
  for (const files of [{}, { tcp6: tableOf([to8080v6]) }]) {
    const procNet = t.testdir(files)
    const said = `${join(procNet, 'tcp')} does not exist: connections are counted on Linux only, with /proc mounted`
    const failure = await createConnections({ ignore: [], procNet }).count([8080])
    t.strictSame(failure, { kind: 'unreachable', said })
  }
})

t.test('a table that is there and cannot be read', async (t) => {
  const procNet = t.testdir({ tcp: tableOf([to8080]), tcp6: {} })
  const failure = await createConnections({ ignore: [], procNet }).count([8080])
  const said = `${join(procNet, 'tcp6')} cannot be read: EISDIR`
  t.strictSame(failure, { kind: 'unreachable', said })
})

const whole = tableOf([to8080])
const broken = {
  garbage: { tcp: 'not a table\n' },
  empty: { tcp: '' },
  truncated: { tcp: whole.slice(0, -20) },
  'garbage in the IPv6 table': { tcp: whole, tcp6: `${tableOf([to8080v6])}garbage\n` },
  'a line without end': { tcp: `${whole}${'x'.repeat(chunkBytes * 2)}` },
}
for (const [what, files] of Object.entries(broken)) {
  t.test(`malformed: ${what}`, async (t) => {
    const failure = await createConnections({ ignore: [], procNet: t.testdir(files) }).count([8080])
    t.match(failure, { kind: 'malformed', said: /tcp6?, line [1-3]: / })
  })
}

t.test('the kernel of this machine', async (t) => {
  const counted = await createConnections({ ignore: [] }).count([1])
  if (existsSync('/proc/net/tcp')) {
    t.strictSame(counted, { kind: 'counted', established: new Map([[1, 0]]) })
  } else {
    t.match(counted, { kind: 'unreachable', said: /^\/proc\/net\/tcp does not exist: / })
  }
})
