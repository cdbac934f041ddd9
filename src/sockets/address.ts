import type { endianness } from 'node:os'

export interface Address {
  readonly text: string
  readonly family: 'ipv4' | 'ipv6'
}

const mappedPrefix = Buffer.alloc(12).fill(0xff, 10)

/**
 * An address from the words of the kernel's table: one for IPv4, four for IPv6. The kernel prints
 * what lies in memory in network order as if each 32 bits were a number of its own
 * (`%08X` in `get_tcp4_sock` and `get_tcp6_sock`), so the bytes within a word are in the machine's
 * `order`: 127.0.0.1 is 0100007F on x86-64 and arm64, and 7F000001 on a big-endian machine.
 *
 * An IPv4-mapped address (::ffff:10.0.1.7, an IPv4 peer of a dual-stack listener) is the IPv4 one.
 */
export function addressOf(words: readonly number[], order: ReturnType<typeof endianness>): Address {
  const bytes = Buffer.alloc(words.length * 4)
  for (const [at, word] of words.entries()) {
    if (order === 'LE') bytes.writeUInt32LE(word, at * 4)
    else bytes.writeUInt32BE(word, at * 4)
  }
  if (bytes.length === 4 || bytes.subarray(0, 12).equals(mappedPrefix)) {
    return { text: bytes.subarray(-4).join('.'), family: 'ipv4' }
  }
  const groups = Array.from({ length: 8 }, (_, at) => bytes.readUInt16BE(at * 2).toString(16))
  return { text: groups.join(':'), family: 'ipv6' }
}
