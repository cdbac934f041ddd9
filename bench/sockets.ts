/**
 * How long a count of connections takes, and for how long at most it keeps the event loop from
 * everything else: a held hook, a health check. Run by `node bench/sockets.ts`.
 *
 * `file` rows read a table that lies in a file, every socket of it established and counted.
 * `kernel` rows (Linux) read the kernel's own table, with real connections over the loopback
 * interface in it, which are not counted; whatever else the machine has open is in the table, too.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnections } from '../src/sockets/connections.ts'
import { tableOf } from '../test/support/socket-table.ts'

const fileSizes = [200, 2_000, 20_000]
// Each socket is an open file of this process: 20,000 are a common limit.
const kernelSizes = [200, 2_000, 19_000]
const runs = 5
const port = 8080

print('table', 'sockets', 'ms in all', 'longest block in ms')
await benchFiles()
if (existsSync('/proc/net/tcp')) await benchKernel()

async function benchFiles(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sockets-'))
  try {
    for (const size of fileSizes) {
      const procNet = join(folder, `${size}`)
      mkdirSync(procNet)
      writeFileSync(join(procNet, 'tcp'), tableOfSize(size))
      await bench('file', size, procNet, port)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function benchKernel(): Promise<void> {
  const accepted: Socket[] = []
  const server = createServer((socket) => void accepted.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const listening = typeof address === 'object' && address ? address.port : 0
  const clients: Socket[] = []
  try {
    for (const size of kernelSizes) {
      // Each connection is two sockets of this process.
      while (clients.length < size / 2) clients.push(await connected(listening))
      await bench('kernel', socketsOf('/proc/net/tcp'), '/proc/net', listening)
    }
  } catch (error) {
    process.stdout.write(`no more sockets: ${(error as NodeJS.ErrnoException).code}\n`)
  } finally {
    // Reset: closed in good order, they would fill the table for another minute (TIME_WAIT).
    for (const socket of [...clients, ...accepted]) socket.resetAndDestroy()
    server.close()
  }
}

function connected(to: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(to, '127.0.0.1', () => resolve(socket.on('error', () => undefined)))
    socket.once('error', reject)
  })
}

/** Prints the run with the median of the longest blocks; one more run beforehand warms up. */
async function bench(table: string, size: number, procNet: string, on: number): Promise<void> {
  const { count } = createConnections({ ignore: [], procNet })
  const found: { inAllMs: number; longestMs: number }[] = []
  for (let run = 0; run <= runs; run += 1) {
    const measured = await measure(() => count([on]))
    if (run > 0) found.push(measured)
  }
  found.sort((a, b) => a.longestMs - b.longestMs)
  const { inAllMs = 0, longestMs = 0 } = found[Math.floor(runs / 2)] ?? {}
  print(table, `${size}`, inAllMs.toFixed(1), longestMs.toFixed(2))
}

/** Turns the event loop without a pause: the longest turn is the longest block. */
async function measure(work: () => Promise<unknown>) {
  let [longestMs, working] = [0, true]
  let last = performance.now()
  const turn = () => {
    const now = performance.now()
    longestMs = Math.max(longestMs, now - last)
    last = now
    if (working) setImmediate(turn)
  }
  setImmediate(turn)
  const start = performance.now()
  await work()
  const inAllMs = performance.now() - start
  working = false
  await new Promise(setImmediate)
  return { inAllMs, longestMs }
}

function socketsOf(path: string): number {
  return readFileSync(path, 'latin1').split('\n').length - 2
}

function tableOfSize(size: number): string {
  return tableOf(
    Array.from({ length: size }, (_, i) => ({
      ...{ local: '10.0.1.7', port, remote: `10.0.${2 + (i >> 15)}.9` },
      remotePort: 1_024 + (i & 0x7fff),
    })),
  )
}

function print(...cells: string[]): void {
  process.stdout.write(`${cells.map((cell) => cell.padStart(10)).join('  ')}\n`)
}
