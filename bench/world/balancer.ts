import { kindOf } from '../../lab/elbv2/group.ts'
import { healthXml } from '../../lab/elbv2/health-xml.ts'
import type { AwsBalancer } from '../../src/aws/balancer.ts'
import { readListing, type TargetHealthAnswer } from '../../src/aws/sightings.ts'
import type { Failure } from '../../src/drain/ports.ts'
import type { GroupFacts } from '../../src/drain/target.ts'
import type { Api } from './account.ts'

const throttled: Failure = { kind: 'throttled', said: 'Rate exceeded' }

/** The drain's balancer port over the world's API: it asks what src/aws/balancer.ts asks. */
export function createWorldBalancer(
  api: Api,
  podIps: readonly string[],
): Pick<AwsBalancer, 'list' | 'look' | 'describe'> {
  const list: AwsBalancer['list'] = async (group) => {
    const found = await api.targetHealth(group)
    if (found === 'throttled') return throttled
    return readListing(
      { TargetHealthDescriptions: found.map(healthXml) } as TargetHealthAnswer,
      group,
    )
  }
  return {
    list,
    async look(group, signal) {
      const listing = await list(group, signal)
      return listing.kind === 'listing' ? listing.of(podIps) : listing
    },
    async describe(group, wanted) {
      const [attributes, kind] = await Promise.all([
        wanted.includes('delay') ? api.attributes(group) : undefined,
        wanted.includes('kind') ? api.protocol(group) : undefined,
      ])
      const facts: GroupFacts = {
        ...(attributes === 'throttled' || !attributes ? {} : delayFacts(attributes)),
        ...(kind === 'throttled' || !kind ? {} : kindFacts(kind)),
      }
      const missing = [attributes, kind].flatMap((part) => (part === 'throttled' ? throttled : []))
      return { kind: 'described', facts, missing }
    },
  }
}

function delayFacts(attributes: ReadonlyMap<string, string>): GroupFacts {
  const seconds = Number(attributes.get('deregistration_delay.timeout_seconds'))
  return { deregistrationDelayMs: seconds * 1_000 }
}

function kindFacts({ protocol }: { protocol: string }): GroupFacts {
  const loadBalancer = kindOf(protocol) === 'app' ? 'application' : 'network'
  return { loadBalancer, traffic: 'connections', targetType: 'ip' }
}
