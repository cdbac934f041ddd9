import t from 'tap'
import { isOneOf, readSightings, type TargetHealthAnswer } from '../../src/aws/sightings.ts'
import type { View } from '../../src/drain/ports.ts'

const group = 'arn:a'
const listing: View = { kind: 'listing' }
const isMine = isOneOf(['10.0.1.7', 'FD00:0:0::7'])

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
  const seen = readSightings(
    answer(
      entry('10.0.1.7', 8080, 'healthy', undefined, 'eu-west-1a'),
      entry('10.0.1.7', 9090, 'draining', 'Target.DeregistrationInProgress'),
      entry('10.0.1.70', 8080, 'draining'),
      entry('10.0.1.8', 8080, 'unhealthy.draining'),
    ),
    group,
    listing,
    isMine,
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
    size: 4,
    targetType: 'ip',
  })
})

t.test('addresses are compared as addresses', async (t) => {
  t.equal(isMine('fd00::7'), true)
  t.equal(isMine('fd00:0000::0007'), true)
  t.equal(isMine('10.0.1.7'), true)
  t.equal(isMine('::ffff:10.0.1.7'), true)
  t.equal(isMine('10.0.1.77'), false)
  t.equal(isMine('i-0123456789abcdef0'), false)
  t.equal(isMine(''), false)
})

t.test('a group without a healthy target fails open', async (t) => {
  const seen = readSightings(answer(entry('10.0.1.7', 80, 'unhealthy')), group, listing, isMine)
  t.match(seen, { kind: 'seen', group: 'failing-open' })
})

t.test('an empty listing is an answer; no list is none', async (t) => {
  t.match(readSightings(answer(), group, listing, isMine), { kind: 'seen', sightings: [] })
  t.match(readSightings({}, group, listing, isMine), { kind: 'malformed' })
})

t.test('an entry without target, port or state is no answer', async (t) => {
  for (const bad of [
    { TargetHealth: { State: 'healthy' } },
    { Target: { Id: '10.0.1.7' }, TargetHealth: { State: 'healthy' } },
    { Target: { Id: '10.0.1.7', Port: 80 } },
  ]) {
    const read = readSightings({ TargetHealthDescriptions: [bad] }, group, listing, isMine)
    t.match(read, { kind: 'malformed' })
  }
})

t.test('a named look must be answered for what it named', async (t) => {
  const target = { group, id: '10.0.1.7', port: 8080, zone: 'eu-west-1a' }
  const named: View = { kind: 'named', targets: [target] }
  const finished = entry('10.0.1.7', 8080, 'unused', 'Target.NotRegistered')
  t.match(readSightings(answer(finished), group, named, isMine), {
    kind: 'seen',
    sightings: [{ target, state: 'unused', reason: 'Target.NotRegistered' }],
    group: 'unknown',
  })
  const other = entry('10.0.1.7', 80, 'unused', 'Target.NotRegistered')
  t.match(readSightings(answer(other), group, named, isMine), { kind: 'malformed' })
  t.match(readSightings(answer(), group, named, isMine), { kind: 'malformed' })
})

t.test('a named target is found however its address is spelled', async (t) => {
  const target = { group, id: 'fd00::7', port: 8080 }
  const seen = readSightings(
    answer(entry('FD00:0:0:0:0:0:0:7', 8080, 'draining')),
    group,
    { kind: 'named', targets: [target] },
    isMine,
  )
  t.match(seen, { kind: 'seen', sightings: [{ target, state: 'draining' }] })
})

t.test('a listing tells what the targets of the group are, unless it is empty', async (t) => {
  const typeOf = (...ids: string[]) => {
    const entries = ids.map((id) => entry(id, 8080, 'healthy'))
    const seen = readSightings(answer(...entries), group, listing, isMine)
    return 'targetType' in seen ? seen.targetType : undefined
  }
  t.equal(typeOf('10.0.1.8'), 'ip')
  t.equal(typeOf('fd00::8'), 'ip')
  t.equal(typeOf('i-0123456789abcdef0'), 'instance')
  t.equal(typeOf(), undefined)
})
