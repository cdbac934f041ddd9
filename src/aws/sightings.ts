import { BlockList, isIP, isIPv6, SocketAddress } from 'node:net'
import type { Failure, Seen, View } from '../drain/ports.ts'
import { type GroupHealth, keyOf, type Sighting, type Target } from '../drain/target.ts'

/** The part of a DescribeTargetHealth answer that is read, with nothing taken for granted. */
export interface TargetHealthAnswer {
  readonly TargetHealthDescriptions?: readonly {
    readonly Target?: Partial<Record<'Id' | 'AvailabilityZone', string | undefined>> & {
      readonly Port?: number | undefined
    }
    readonly TargetHealth?: Partial<Record<'State' | 'Reason', string | undefined>>
  }[]
}

/** Whether an address is one of the pod's: as addresses, for `fd00::7` has many spellings. */
export type IsMine = (address: string) => boolean

export function isOneOf(podIps: readonly string[]): IsMine {
  const mine = new BlockList()
  for (const ip of podIps) mine.addAddress(ip, isIPv6(ip) ? 'ipv6' : 'ipv4')
  return (address) => mine.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/**
 * Reads an answer. An empty body parses to an answer without a list, so that `every(...)` over it is
 * true of anything: a list has to be there, and a named look has to be answered for what it named.
 */
export function readSightings(
  { TargetHealthDescriptions: list }: TargetHealthAnswer,
  group: string,
  view: View,
  isMine: IsMine,
): Seen | Failure {
  if (!Array.isArray(list)) return malformed('an answer without a list of targets')
  const all: Sighting[] = []
  for (const entry of list as NonNullable<TargetHealthAnswer['TargetHealthDescriptions']>) {
    const sighting = readSighting(entry, group)
    if (!sighting) return malformed('an entry without target or state')
    all.push(sighting)
  }
  const sightings = all.filter(({ target }) => isMine(target.id))
  return view.kind === 'listing' ? listed(all, sightings) : named(all, view.targets)
}

function listed(all: readonly Sighting[], sightings: readonly Sighting[]): Seen {
  const draining = all.filter(({ state }) => state === 'draining' || state === 'unhealthy.draining')
  const others = draining.filter((sighting) => !sightings.includes(sighting))
  const group: GroupHealth = all.some(({ state }) => state === 'healthy')
    ? 'serving'
    : 'failing-open'
  const [any] = all
  return {
    ...{ kind: 'seen', sightings, group, othersDraining: others.length, size: all.length },
    ...(any ? { targetType: isIP(any.target.id) === 0 ? 'instance' : 'ip' } : {}),
  }
}

function named(all: readonly Sighting[], targets: readonly Target[]): Seen | Failure {
  const byKey = new Map(all.map((sighting) => [spelledAlike(sighting.target), sighting]))
  const sightings = targets.flatMap((target) => {
    const sighting = byKey.get(spelledAlike(target))
    // The target as the listing gave it: an answer may leave out the zone of one that has finished.
    return sighting ? [{ ...sighting, target }] : []
  })
  return sightings.length === targets.length
    ? { kind: 'seen', sightings, group: 'unknown' }
    : malformed('an answer without the target asked for')
}

/** The key of a target, whatever the spelling of its address. */
function spelledAlike(target: Target): string {
  const { id: address } = target
  if (!isIPv6(address)) return keyOf(target)
  return keyOf({ ...target, id: new SocketAddress({ address, family: 'ipv6' }).address })
}

type Entry = NonNullable<TargetHealthAnswer['TargetHealthDescriptions']>[number]

function readSighting({ Target, TargetHealth }: Entry, group: string): Sighting | undefined {
  const { Id: id, Port: port, AvailabilityZone: zone } = Target ?? {}
  const { State: state, Reason: reason } = TargetHealth ?? {}
  if (!id || port === undefined || !state) return undefined
  return {
    target: { group, id, port, ...(zone ? { zone } : {}) },
    state,
    ...(reason ? { reason } : {}),
  }
}

function malformed(what: string): Failure {
  return { kind: 'malformed', said: `DescribeTargetHealth: ${what}` }
}
