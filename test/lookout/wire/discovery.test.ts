import fc from 'fast-check'
import t from 'tap'
import type { ClaimedBinding, Discovery } from '../../../src/cluster/finding/source.ts'
import { readDiscovery, tellDiscovery } from '../../../src/lookout/wire/discovery.ts'
import { fromAfar, hostile } from '../../support/json.ts'
import { arnOfGroup } from '../../support/scripted-cluster.ts'

const bound: ClaimedBinding = {
  ...{ apiGroup: 'elbv2.k8s.aws', name: 'web-a', service: 'web', servicePort: 'http' },
  ...{ claim: 'bound', arn: arnOfGroup('web-a'), targetType: 'ip', protocol: 'HTTP' },
  role: { arn: 'arn:aws:iam::123456789012:role/looker' },
}
const bare: ClaimedBinding = {
  ...{ apiGroup: 'eks.amazonaws.com', name: 'db', service: '', claim: 'possible', groupName: 'db' },
}
const whole: Discovery = {
  bindings: [bound, { ...bare, claim: 'once-bound', servicePort: 80 }],
  possible: [bare],
  services: [
    {
      ...{ name: 'web', selector: new Map([['app', 'web']]), publishNotReadyAddresses: true },
      ports: [
        { port: 80, target: 'http', name: 'web' },
        { port: 81, target: 8081 },
      ],
    },
  ],
  missing: [{ kind: 'denied', said: 'services' }],
  narrowed: [{ kind: 'gone', said: 'a gate' }],
}
const told = () => fromAfar(tellDiscovery(whole)) as Record<string, object[]>

t.test('what was found comes over whole', async (t) => {
  t.strictSame(readDiscovery(told()), whole)
  const none = { bindings: [], possible: [], services: [], missing: [], narrowed: [] }
  t.strictSame(readDiscovery(fromAfar(tellDiscovery(none))), none)
})

t.test('an external id stays with the lookout', async (t) => {
  const secret = { ...bound, role: { arn: 'arn:role', externalId: 'a-secret' } }
  const text = JSON.stringify(
    tellDiscovery({ ...whole, bindings: [secret], possible: [{ ...secret, claim: 'possible' }] }),
  )
  t.match(text, 'arn:role')
  t.notMatch(text, /secret|externalId/)
})

t.test('a claim of the future is taken for the strongest', async (t) => {
  for (const claim of ['perhaps', undefined, 7]) {
    const { bindings } = readDiscovery({ ...told(), bindings: [{ ...bare, claim }] }) ?? {}
    t.match(bindings, [{ name: 'db', claim: 'bound' }])
  }
})

t.test('lists that are none: nothing was found out, not that there is nothing', async (t) => {
  for (const name of ['bindings', 'possible', 'services', 'missing', 'narrowed']) {
    for (const list of [undefined, null, {}, 'none', 0]) {
      t.equal(readDiscovery({ ...told(), [name]: list }), undefined, `${name}: ${list}`)
    }
  }
  t.equal(readDiscovery({ ...told(), missing: [{ kind: 'denied' }] }), undefined)
  t.equal(readDiscovery({ ...told(), kind: 'found' }), undefined)
})

t.test('a binding that cannot be read may be the one that sends requests', async (t) => {
  const unreadable = [
    { ...bound, apiGroup: 'a group of the future' },
    { ...bound, name: undefined },
    { ...bare, groupName: undefined },
    null,
    'web-a',
  ]
  for (const one of unreadable) {
    for (const name of ['bindings', 'possible']) {
      const read = readDiscovery({ ...told(), [name]: [bound, one] })
      t.match(read, { [name]: [{ name: 'web-a' }] }, 'the others are known')
      t.match(read?.missing, [
        { kind: 'denied' },
        { kind: 'malformed', said: /cannot read a TargetGroupBinding/ },
      ])
    }
  }
})

t.test('no JSON breaks the reader, and none hides a binding', async () => {
  fc.assert(
    fc.property(hostile(told()), (body) => {
      const read = readDiscovery(body)
      if (!read) return true
      const listed = (body as Record<string, unknown[]>).bindings ?? []
      return read.bindings.length === listed.length || read.missing.length > 0
    }),
    { numRuns: 3_000 },
  )
})
