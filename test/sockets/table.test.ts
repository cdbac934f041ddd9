import t from 'tap'
import { chunkBytes, type Row, readTable, type Source } from '../../src/sockets/table.ts'
import { lineOf, type Socket, tableOf } from '../support/socket-table.ts'

const socket: Socket = { local: '10.0.1.7', port: 8080, remote: '10.0.2.9' }

/** A table in memory that is read as a file is: in a later turn of the event loop. */
function sourceOf(text: string, bytesPerRead = chunkBytes) {
  const bytes = Buffer.from(text)
  const reads: number[] = []
  let at = 0
  const source: Source = {
    async read(buffer, offset, length) {
      await new Promise(setImmediate)
      const part = bytes.subarray(at, at + Math.min(length, bytesPerRead))
      buffer.set(part, offset)
      at += part.length
      reads.push(part.length)
      return { bytesRead: part.length }
    },
  }
  return { source, reads }
}

async function read(source: Source, port = 8080, digits: 8 | 32 = 8) {
  const rows: Row[] = []
  const found = (row: Row) => void rows.push(row)
  const brokenLine = await readTable(source, digits, { localPorts: new Set([port]), found })
  return { rows: rows.length, brokenLine }
}

t.test('lines that the kernel printed', async (t) => {
  const printed = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1602 1 00000000ad5b6c16 100 0 0 10 0
  46: 010310AC:9C4C 030310AC:1770 01 00000150:00000000 01:00000019 00000000  1000        0 54165785 4 cd1e6040 25 4 27 3 -1
12047: 0701000A:1F90 0902000A:ABC1 06 00000000:00000000 03:000003B2 00000000     0        0 0 3 0000000004cd23b3
`
  t.strictSame(await read(sourceOf(printed).source, 0x9c4c), { rows: 1, brokenLine: undefined })
  t.strictSame(await read(sourceOf(printed).source), { rows: 0, brokenLine: undefined })
})

t.test('lines are whole wherever a read ends', async (t) => {
  const text = tableOf([socket, { ...socket, port: 8081 }, { ...socket, remotePort: 40_001 }])
  for (let bytesPerRead = 1; bytesPerRead <= 160; bytesPerRead += 1) {
    const { source } = sourceOf(text, bytesPerRead)
    t.strictSame(await read(source), { rows: 2, brokenLine: undefined }, `${bytesPerRead} bytes`)
  }
})

t.test('20,000 sockets: at most one chunk in a turn of the event loop', async (t) => {
  const text = tableOf(Array.from({ length: 20_000 }, (_, i) => ({ ...socket, remotePort: i })))
  const { source, reads } = sourceOf(text)
  let [turns, counting] = [0, true]
  const turn = () => {
    turns += 1
    if (counting) setImmediate(turn)
  }
  setImmediate(turn)
  t.strictSame(await read(source), { rows: 20_000, brokenLine: undefined })
  counting = false
  t.equal(chunkBytes, 16_384)
  t.ok(Math.max(...reads) <= chunkBytes)
  t.ok(reads.length >= text.length / chunkBytes)
  t.ok(turns >= reads.length - 1, `${turns} turns for others, ${reads.length} reads`)
})

t.test('the header alone: no sockets', async (t) => {
  t.strictSame(await read(sourceOf(tableOf([])).source), { rows: 0, brokenLine: undefined })
})

const good = lineOf(socket, 1)
const broken: [what: string, text: string, line: number][] = [
  ['nothing at all', '', 1],
  ['no header', `${good}\n`, 1],
  ['another file', '{"kind":"Pod"}\n', 1],
  ['the end in the middle of a line', `${tableOf([socket])}${good.slice(0, 70)}`, 3],
  ['the end in the middle of the header', '  sl  local_add', 1],
  ['a line cut before its state', `${tableOf([])}${good.slice(0, 30)}\n${good}\n`, 2],
  ['a line without any colon', `${tableOf([])}garbage\n${good}\n`, 2],
  ['an empty line', `${tableOf([socket])}\n`, 3],
  ['a port that is no number', `${tableOf([])}${good.replace('1F90', '1F9G')}\n`, 2],
  ['a state that is no number', `${tableOf([])}${good.replace(' 01 ', ' Z1 ')}\n`, 2],
  ['an address that is no number', `${tableOf([])}${good.replace('0A', 'XA')}\n`, 2],
  ['addresses of the other family', tableOf([{ local: '::1', port: 80, remote: '::1' }]), 2],
  ['a line without end', `${tableOf([socket])}${'x'.repeat(chunkBytes * 3)}\n`, 3],
]

for (const [what, text, line] of broken) {
  t.test(`broken: ${what}`, async (t) => {
    t.equal((await read(sourceOf(text).source)).brokenLine, line)
  })
}

t.test('what the source rejects with is passed on', async (t) => {
  const source = { read: () => Promise.reject(new Error('EIO')) }
  await t.rejects(read(source), { message: 'EIO' })
})
