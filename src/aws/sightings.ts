import { isIP, isIPv6, SocketAddress } from 'node:net'
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

/** What a group's listing showed of all its targets. */
export interface Listing {
  readonly kind: 'listing'
  /** What it showed of one pod, by its addresses: as addresses, for `fd00::7` has many spellings. */
  of(podIps: readonly string[]): Seen
}

/**
 * Reads the listing of a group. An empty body parses to an answer without a list, so that `every(...)` over
 * it is true of anything: a list has to be there.
 */
export function readListing(
  { TargetHealthDescriptions: list }: TargetHealthAnswer,
  group: string,
): Listing | Failure {
  if (!Array.isArray(list)) return malformed('an answer without a list of targets')
  const all: Sighting[] = []
  for (const entry of list as NonNullable<TargetHealthAnswer['TargetHealthDescriptions']>) {
    const sighting = readSighting(entry, group)
    if (!sighting) return malformed('an entry without target or state')
    all.push(sighting)
  }
  const byAddress = Map.groupBy(all, ({ target }) => spelled(target.id))
  const draining = all.filter(isDraining).length
  const serves = all.some(({ state }) => state === 'healthy')
  const [any] = all
  const told: Pick<Seen, 'kind' | 'group' | 'targetType'> = {
    ...{ kind: 'seen', group: serves ? 'serving' : 'failing-open' },
    ...(any ? { targetType: isIP(any.target.id) === 0 ? 'instance' : 'ip' } : {}),
  }
  return {
    kind: 'listing',
    of(podIps) {
      const mine = new Set(podIps.map(spelled))
      const sightings = [...mine].flatMap((address) => byAddress.get(address) ?? [])
      return { ...told, sightings, othersDraining: draining - sightings.filter(isDraining).length }
    },
  }
}

function isDraining({ state }: Sighting): boolean {
  return state === 'draining' || state === 'unhealthy.draining'
}

/** One spelling for each address. */
function spelled(address: string): string {
  if (!isIPv6(address)) return address
  const { address: one } = new SocketAddress({ address, family: 'ipv6' })
  return one.replace(/^::ffff:(?=.*\.)/, '')
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
