import t from 'tap'
import { readListing as listingOf, type TargetHealthAnswer } from '../../src/aws/sightings.ts'

const group = 'arn:a'
const mine = ['10.0.1.7', 'FD00:0:0::7']

function readListing(answer: TargetHealthAnswer, group: string) {
  const listing = listingOf(answer, group)
  return listing.kind === 'listing' ? listing.of(mine) : listing
}

function entry(
  Id: string,
  Port: number,
  State: string,
  Reason?: string,
  AvailabilityZone?: string,
) {
  return { Target: { Id, Port, AvailabilityZone }, TargetHealth: { State, Reason } }
}

function answer(...TargetHealthDescriptions: ReturnType<typeof entry>[]): TargetHealthAnswer {
  return { TargetHealthDescriptions }
}

t.test('a listing: this pod on each port, and how many others drain', async (t) => {
  const seen = readListing(
    answer(
      entry('10.0.1.7', 8080, 'healthy', undefined, 'eu-west-1a'),
      entry('10.0.1.7', 9090, 'draining', 'Target.DeregistrationInProgress'),
      entry('10.0.1.70', 8080, 'draining'),
      entry('10.0.1.8', 8080, 'unhealthy.draining'),
    ),
    group,
  )
  t.strictSame(seen, {
    kind: 'seen',
    sightings: [
      { target: { group, id: '10.0.1.7', port: 8080, zone: 'eu-west-1a' }, state: 'healthy' },
      {
        target: { group, id: '10.0.1.7', port: 9090 },
        state: 'draining',
        reason: 'Target.DeregistrationInProgress',
      },
    ],
    group: 'serving',
    othersDraining: 2,
    targetType: 'ip',
  })
})

t.test('addresses are compared as addresses', async (t) => {
  function isMine(id: string) {
    const seen = readListing(answer(entry(id, 80, 'healthy')), group)
    return seen.kind === 'seen' && seen.sightings.length === 1
  }

  t.equal(isMine('fd00::7'), true)
  t.equal(isMine('fd00:0000::0007'), true)
  t.equal(isMine('10.0.1.7'), true)
  t.equal(isMine('::ffff:10.0.1.7'), true)
  t.equal(isMine('10.0.1.77'), false)
  t.equal(isMine('i-0123456789abcdef0'), false)
  t.equal(isMine(''), false)
})

t.test('a group without a healthy target fails open', async (t) => {
  const seen = readListing(answer(entry('10.0.1.7', 80, 'unhealthy')), group)
  t.match(seen, { kind: 'seen', group: 'failing-open' })
})

t.test('an empty listing is an answer; no list is none', async (t) => {
  t.match(readListing(answer(), group), { kind: 'seen', sightings: [] })
  t.match(readListing({}, group), { kind: 'malformed' })
})

t.test('an entry without target, port or state is no answer', async (t) => {
  for (const bad of [
    { TargetHealth: { State: 'healthy' } },
    { Target: { Id: '10.0.1.7' }, TargetHealth: { State: 'healthy' } },
    { Target: { Id: '10.0.1.7', Port: 80 } },
  ]) {
    const read = readListing({ TargetHealthDescriptions: [bad] }, group)
    t.match(read, { kind: 'malformed' })
  }
})

t.test('a listing tells what the targets of the group are, unless it is empty', async (t) => {
  const typeOf = (...ids: string[]) => {
    const entries = ids.map((id) => entry(id, 8080, 'healthy'))
    const seen = readListing(answer(...entries), group)
    return 'targetType' in seen ? seen.targetType : undefined
  }
  t.equal(typeOf('10.0.1.8'), 'ip')
  t.equal(typeOf('fd00::8'), 'ip')
  t.equal(typeOf('i-0123456789abcdef0'), 'instance')
  t.equal(typeOf(), undefined)
})
