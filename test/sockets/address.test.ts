import t from 'tap'
import { addressOf } from '../../src/sockets/address.ts'

t.test('an IPv4 address, in either byte order', async (t) => {
  const address = { text: '172.16.3.1', family: 'ipv4' }
  // The kernel's documentation has this address (proc_net_tcp.rst), as a little-endian machine prints it.
  t.strictSame(addressOf([0x010310ac], 'LE'), address)
  t.strictSame(addressOf([0xac100301], 'BE'), address)
})

t.test('an IPv6 address: the bytes of each word turn, the words stay', async (t) => {
  const address = { text: 'fe80:0:0:0:70a6:57ff:fe71:c75d', family: 'ipv6' }
  t.strictSame(addressOf([0x000080fe, 0, 0xff57a670, 0x5dc771fe], 'LE'), address)
  t.strictSame(addressOf([0xfe800000, 0, 0x70a657ff, 0xfe71c75d], 'BE'), address)
})

t.test('an IPv4-mapped address is the IPv4 one', async (t) => {
  const address = { text: '10.0.1.7', family: 'ipv4' }
  t.strictSame(addressOf([0, 0, 0xffff0000, 0x0701000a], 'LE'), address)
  t.strictSame(addressOf([0, 0, 0x0000ffff, 0x0a000107], 'BE'), address)
})

t.test('an address that only ends like a mapped one is not', async (t) => {
  t.equal(addressOf([0x20010db8, 0, 0x0000ffff, 0x0a000107], 'BE').family, 'ipv6')
  t.strictSame(addressOf([0, 0, 0, 1], 'BE'), { text: '0:0:0:0:0:0:0:1', family: 'ipv6' })
})
