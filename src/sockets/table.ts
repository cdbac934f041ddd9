/** One established connection, its addresses in the kernel's words (see `addressOf`). */
export interface Row {
  readonly localPort: number
  readonly local: readonly number[]
  readonly remote: readonly number[]
}

/** An open table; a `FileHandle` is one. Each read has to give the event loop a turn. */
export interface Source {
  read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: null,
  ): Promise<{ readonly bytesRead: number }>
}

/** Hexadecimal digits of an address: 8 in `tcp`, 32 in `tcp6`. */
export type AddressDigits = 8 | 32

export interface Wanted {
  readonly localPorts: ReadonlySet<number>
  readonly found: (row: Row) => void
}

/**
 * The most that is held of a table, and parsed in one turn of the event loop: about a hundred
 * sockets. (The kernel gives a page, 4 KiB, for each read: `seq_read_iter` in fs/seq_file.c.)
 */
export const chunkBytes = 16_384

/**
 * Reads one of the kernel's tables, /proc/net/tcp or tcp6, and calls `found` for each ESTABLISHED
 * socket on one of the ports. Gives undefined when all was read, or else the number of the first line
 * that is not as it should be. Rejects as the source does.
 *
 * A line: `46: 010310AC:9C4C 030310AC:1770 01 ...`: entry, local address and port, remote address and
 * port, state, and more that is of no matter here. IPv6 addresses have 32 digits.
 *
 * Sources: https://docs.kernel.org/networking/proc_net_tcp.html; net/ipv4/tcp_ipv4.c and
 * net/ipv6/tcp_ipv6.c, `tcp4_seq_show` and `tcp6_seq_show` (the latter's lines are not padded).
 */
export async function readTable(
  source: Source,
  addressDigits: AddressDigits,
  wanted: Wanted,
): Promise<number | undefined> {
  const buffer = Buffer.alloc(chunkBytes)
  let line = 0
  // Bytes of a line that has begun in one chunk and ends in the next.
  let begun = 0
  for (;;) {
    // No room is left after a line as long as the buffer: nothing is read then, as at the end.
    const { bytesRead } = await source.read(buffer, begun, chunkBytes - begun, null)
    if (bytesRead === 0) return begun === 0 && line > 0 ? undefined : line + 1
    const chunk = buffer.subarray(0, begun + bytesRead)
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      line += 1
      const text = chunk.subarray(start, end)
      if (!(line === 1 ? isHeader(text) : readLine(text, addressDigits, wanted))) return line
      start = end + 1
    }
    buffer.copyWithin(0, start, chunk.length)
    begun = chunk.length - start
  }
}

const [newline, colon, space] = [0x0a, 0x3a, 0x20]
// include/net/tcp_states.h. One that waits to be accepted is in this state, too.
const established = 1
const digitValues = Array.from({ length: 256 }, (_, code) =>
  Number.parseInt(String.fromCharCode(code), 16),
)

function isHeader(line: Buffer): boolean {
  return line.includes('local_address')
}

/** Whether the line is one. State and port go first: most of a large table is left at that. */
function readLine(line: Buffer, addressDigits: AddressDigits, { localPorts, found }: Wanted) {
  const local = line.indexOf(colon) + 2
  const localPort = local + addressDigits + 1
  const remote = localPort + 5
  const remotePort = remote + addressDigits + 1
  const state = remotePort + 5
  const shaped =
    line[local - 1] === space &&
    line[localPort - 1] === colon &&
    line[remote - 1] === space &&
    line[remotePort - 1] === colon &&
    line[state - 1] === space &&
    line[state + 2] === space
  const [port, is] = [hexAt(line, localPort, 4), hexAt(line, state, 2)]
  if (!shaped || Number.isNaN(port + is)) return false
  if (is !== established || !localPorts.has(port)) return true
  const row = {
    localPort: port,
    local: wordsAt(line, local, addressDigits),
    remote: wordsAt(line, remote, addressDigits),
  }
  if ([...row.local, ...row.remote].some(Number.isNaN)) return false
  found(row)
  return true
}

function wordsAt(line: Buffer, at: number, digits: number): number[] {
  return Array.from({ length: digits / 8 }, (_, word) => hexAt(line, at + word * 8, 8))
}

/** Not a number unless each byte is a hexadecimal digit. */
function hexAt(line: Buffer, at: number, digits: number): number {
  let value = 0
  for (let i = at; i < at + digits; i += 1) {
    value = value * 16 + (digitValues[line[i] ?? 0] ?? Number.NaN)
  }
  return value
}
