import t from 'tap'
import { kindOf } from '../../src/drain/protocol.ts'

const kinds = {
  HTTP: ['application', 'connections'],
  HTTPS: ['application', 'connections'],
  TCP: ['network', 'connections'],
  TLS: ['network', 'connections'],
  UDP: ['network', 'datagrams'],
  TCP_UDP: ['network', 'datagrams'],
  QUIC: ['network', 'datagrams'],
  TCP_QUIC: ['network', 'datagrams'],
  GENEVE: ['gateway', 'datagrams'],
  // Not known here: the slowest to settle, and nothing to count.
  MORSE: ['network', 'datagrams'],
  constructor: ['network', 'datagrams'],
}
for (const [protocol, [loadBalancer, traffic]] of Object.entries(kinds)) {
  t.test(`${protocol}: ${loadBalancer}, ${traffic}`, async (t) => {
    t.strictSame(kindOf(protocol), { loadBalancer, traffic })
  })
}
