import t from 'tap'
import { readCidr } from '../../src/sockets/cidr.ts'

t.test('blocks and plain addresses', async (t) => {
  const ipv4 = { address: '10.0.0.0', family: 'ipv4' }
  const ipv6 = { address: 'fd00::', family: 'ipv6' }
  t.strictSame(readCidr('10.0.0.0/8'), { ...ipv4, prefix: 8 })
  t.strictSame(readCidr('10.0.0.0/0'), { ...ipv4, prefix: 0 })
  t.strictSame(readCidr('10.0.0.0'), { ...ipv4, prefix: 32 })
  t.strictSame(readCidr('fd00::/64'), { ...ipv6, prefix: 64 })
  t.strictSame(readCidr('fd00::/128'), { ...ipv6, prefix: 128 })
  t.strictSame(readCidr('fd00::'), { ...ipv6, prefix: 128 })
})

const not = [
  ['', 'empty'],
  ['10.0.0/8', 'three octets'],
  ['010.0.0.0/8', 'an octet that some read as octal'],
  ['10.0.0.0/33', 'more bits than there are'],
  ['fd00::/129', 'more bits than there are'],
  ['10.0.0.0/08', 'a zero in front'],
  ['10.0.0.0/', 'no prefix'],
  ['10.0.0.0/-1', 'a negative prefix'],
  ['10.0.0.0/8.5', 'half a bit'],
  ['10.0.0.0/8/8', 'two prefixes'],
  ['10.0.0.0/255.0.0.0', 'a mask'],
  [' 10.0.0.0/8', 'a space'],
  ['fe80::1%eth0', 'a zone: the table has none'],
  ['prometheus.example', 'a name'],
] as const

for (const [text, what] of not) {
  t.test(`not ${what}: '${text}'`, async (t) => t.equal(readCidr(text), undefined))
}
