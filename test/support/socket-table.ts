import { endianness } from 'node:os'

/** States as the kernel numbers them (include/net/tcp_states.h). */
export const states = {
  established: '01',
  synReceived: '03',
  finWait: '04',
  timeWait: '06',
  closeWait: '08',
  listen: '0A',
}

export interface Socket {
  readonly local: string
  readonly port: number
  readonly remote: string
  readonly remotePort?: number
  readonly state?: keyof typeof states
}

/** A table as this machine's kernel prints it: /proc/net/tcp for IPv4 sockets, tcp6 for IPv6. */
export function tableOf(sockets: readonly Socket[]): string {
  const header = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt'
  return [header, ...sockets.map(lineOf)].map((line) => `${line.padEnd(149)}\n`).join('')
}

export function lineOf(socket: Socket, entry: number): string {
  const { local, port, remote, remotePort = 40_000, state = 'established' } = socket
  const ends = `${wordsOf(local)}:${portOf(port)} ${wordsOf(remote)}:${portOf(remotePort)}`
  const rest = '00000000:00000000 02:00000A6C 00000000     0        0 54165785 2 0000000000000000'
  return `${`${entry}`.padStart(4)}: ${ends} ${states[state]} ${rest} 20 4 30 10 -1`
}

function portOf(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0')
}

function wordsOf(address: string): string {
  const bytes = bytesOf(address)
  if (endianness() === 'LE') bytes.swap32()
  return bytes.toString('hex').toUpperCase()
}

function bytesOf(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number))
  const [head = '', tail = ''] = withoutDots(address).split('::')
  const [before, after] = [head, tail].map((part) =>
    part === '' ? [] : part.split(':').map((group) => group.padStart(4, '0')),
  ) as [string[], string[]]
  const zeros = Array<string>(8 - before.length - after.length).fill('0000')
  return Buffer.from([...before, ...zeros, ...after].join(''), 'hex')
}

/** `::ffff:10.0.1.7` is `::ffff:0a00:0107`. */
function withoutDots(address: string): string {
  return address.replace(/[\d.]+$/, (end) =>
    end.includes('.')
      ? bytesOf(end)
          .toString('hex')
          .replace(/^(.{4})/, '$1:')
      : end,
  )
}
