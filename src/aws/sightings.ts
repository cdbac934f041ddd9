import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Failure, Seen } from '../drain/ports.ts'
import type { Sighting } from '../drain/target.ts'

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
 * Reads the listing of a group. An empty body parses to an answer without a list, so that `every(...)` over
 * it is true of anything: a list has to be there.
 */
export function readListing(
  { TargetHealthDescriptions: list }: TargetHealthAnswer,
  group: string,
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
  const draining = all.filter(({ state }) => state === 'draining' || state === 'unhealthy.draining')
  const others = draining.filter((sighting) => !sightings.includes(sighting))
  const serves = all.some(({ state }) => state === 'healthy')
  const [any] = all
  return {
    ...{ kind: 'seen', sightings, othersDraining: others.length },
    group: serves ? 'serving' : 'failing-open',
    ...(any ? { targetType: isIP(any.target.id) === 0 ? 'instance' : 'ip' } : {}),
  }
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
