import { inflateRawSync } from 'node:zlib'

/**
 * One file of a zip archive, by its central directory (APPNOTE.TXT 4.3.12). Stored or deflated, not
 * encrypted, and below 4 GiB; throws when the archive does not have it like that.
 */
export function unzipped(archive: Buffer, name: string): Buffer {
  const end = archive.lastIndexOf('PK\x05\x06', archive.length, 'latin1')
  if (end < 0) throw new Error('not a zip archive')
  let at = archive.readUInt32LE(end + 16)
  for (let entries = archive.readUInt16LE(end + 10); entries > 0; entries--) {
    const nameLength = archive.readUInt16LE(at + 28)
    if (archive.toString('utf8', at + 46, at + 46 + nameLength) === name) {
      return contents(archive, at)
    }
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32)
  }
  throw new Error(`the archive has no ${name}`)
}

function contents(archive: Buffer, entry: number): Buffer {
  const method = archive.readUInt16LE(entry + 10)
  const size = archive.readUInt32LE(entry + 20)
  const header = archive.readUInt32LE(entry + 42)
  // The local header has lengths of its own: its extra field often differs from the directory's.
  const start = header + 30 + archive.readUInt16LE(header + 26) + archive.readUInt16LE(header + 28)
  const packed = archive.subarray(start, start + size)
  if (method === 0) return packed
  if (method === 8) return inflateRawSync(packed)
  throw new Error(`compression method ${method}`)
}
