import fc from 'fast-check'
import t from 'tap'
import { readListing } from '../../../src/aws/sightings.ts'
import type { Described, Failure, Seen } from '../../../src/drain/ports.ts'
import { readDescribed, readFailure, readSeen } from '../../../src/lookout/wire/answers.ts'
import { fromAfar, hostile } from '../../support/json.ts'

const group = 'arn:web'
const target = { group, id: '10.0.1.7', port: 8080, zone: 'eu-west-1a' }
const draining = { target, state: 'draining', reason: 'Target.DeregistrationInProgress' }
const seen: Seen = {
  ...{ kind: 'seen', sightings: [draining], group: 'serving', othersDraining: 3 },
  targetType: 'ip',
}
const described: Described = {
  kind: 'described',
  facts: {
    ...{ deregistrationDelayMs: 30_000, loadBalancer: 'network' },
    ...{ traffic: 'datagrams', targetType: 'ip' },
  },
  missing: [{ kind: 'denied', said: 'not allowed' }],
}

t.test('what a listing showed comes over whole', async (t) => {
  const bare = { target: { group, id: 'fd00::7', port: 80 }, state: 'initial' }
  const all: Seen[] = [
    seen,
    { ...seen, sightings: [draining, bare], group: 'failing-open', targetType: 'instance' },
    { kind: 'seen', sightings: [], group: 'failing-open', othersDraining: 0 },
    { ...seen, sightings: [{ ...bare, state: 'a state of the future' }] },
  ]
  for (const one of all) t.strictSame(readSeen(fromAfar(one), group), one)
  const TargetHealthDescriptions = [
    { Target: { Id: '10.0.1.7', Port: 8080 }, TargetHealth: { State: 'healthy' } },
  ]
  const listing = readListing({ TargetHealthDescriptions }, group)
  const real = listing.kind === 'listing' ? listing.of(['10.0.1.7', 'fd00::7']) : undefined
  t.strictSame(readSeen(fromAfar(real), group), real)
})

t.test('the group is the one that was asked about, whatever the answer calls it', async (t) => {
  const [sighting] = readSeen(fromAfar(seen), 'arn:other')?.sightings ?? []
  t.equal(sighting?.target.group, 'arn:other')
})

t.test('a listing that is not whole is none: a target left out would let the pod go', async (t) => {
  const wrong = [
    { sightings: undefined },
    { sightings: null },
    { sightings: {} },
    { sightings: 'none' },
    { sightings: [draining, null] },
    { sightings: [draining, { target }] },
    { sightings: [{ target, state: '' }] },
    { sightings: [{ target, state: 3 }] },
    { sightings: [{ state: 'healthy' }] },
    { sightings: [{ target: { ...target, port: '8080' }, state: 'healthy' }] },
    { sightings: [{ target: { ...target, id: 7 }, state: 'healthy' }] },
    { kind: 'listing' },
  ]
  for (const one of wrong) {
    t.equal(readSeen(fromAfar({ ...seen, ...one }), group), undefined, JSON.stringify(one))
  }
})

t.test('a group that is not said to serve fails open', async (t) => {
  for (const health of [undefined, 'well', 1, {}]) {
    t.equal(readSeen(fromAfar({ ...seen, group: health }), group)?.group, 'failing-open')
  }
})

t.test('what is known of a group comes over whole', async (t) => {
  const nothing: Described = { kind: 'described', facts: {}, missing: [] }
  const atOnce: Described = { ...nothing, facts: { deregistrationDelayMs: 0 } }
  for (const one of [described, nothing, atOnce]) t.strictSame(readDescribed(fromAfar(one)), one)
})

t.test('a description that says nothing of why it says nothing is none', async (t) => {
  const wrong = [
    { facts: undefined },
    { facts: [] },
    { facts: 'none' },
    { missing: undefined },
    { missing: {} },
    { missing: [{ kind: 'denied' }] },
    // The end of a drain would be long past.
    { facts: { deregistrationDelayMs: -30_000 } },
    { facts: { deregistrationDelayMs: '30' } },
    { kind: 'seen' },
  ]
  for (const one of wrong) {
    t.equal(readDescribed(fromAfar({ ...described, ...one })), undefined, JSON.stringify(one))
  }
})

t.test('words of the future are left out of a description', async (t) => {
  const facts = { loadBalancer: 'quantum', traffic: 'beams', targetType: 'lambda', more: 1 }
  t.strictSame(readDescribed(fromAfar({ ...described, facts, more: [] }))?.facts, {})
})

t.test('a failure comes over whole, and one of the future as an answer that is none', async (t) => {
  for (const kind of ['throttled', 'denied', 'unreachable', 'gone', 'malformed'] as const) {
    const failure: Failure = { kind, said: 'why' }
    t.strictSame(readFailure(fromAfar(failure)), failure)
  }
  for (const kind of ['released', '', undefined, 5, ['gone']]) {
    t.strictSame(readFailure(fromAfar({ kind, said: 'why' })), { kind: 'malformed', said: 'why' })
  }
  for (const said of [undefined, '', 5]) t.equal(readFailure({ kind: 'gone', said }), undefined)
})

t.test('no JSON breaks a reader', async () => {
  const bodies = [hostile(seen), hostile(described), hostile(described.missing[0])]
  fc.assert(
    fc.property(fc.oneof(...bodies), (body) => {
      const showed = readSeen(body, group)
      for (const sighting of showed?.sightings ?? []) {
        if (sighting.state === '' || sighting.target.id === '') return false
      }
      const known = readDescribed(body)
      readFailure(body)
      return !((known?.facts.deregistrationDelayMs ?? 0) < 0)
    }),
    { numRuns: 3_000 },
  )
})
