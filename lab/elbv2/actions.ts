import type { Caller } from '../sts/signature.ts'
import { describeGroups } from './describe-groups.ts'
import { invalid } from './error.ts'
import type { TargetRef } from './health.ts'
import { healthXml } from './health-xml.ts'
import { ownArn } from './owner.ts'
import type { Query } from './query.ts'
import type { Registry } from './registry.ts'
import type { Xml } from './xml.ts'

/** An action of ELBv2: its result as XML. Throws `AwsError`. */
export type Elbv2Action = (query: Query, caller: Caller) => Xml

/** The actions of ELBv2 that the lab knows. A caller sees its own account and Region only. */
export function elbv2Actions(registry: Registry): Record<string, Elbv2Action> {
  return {
    DescribeTargetGroups: (query, caller) => describeGroups(registry, query, caller),
    DescribeTargetGroupAttributes(query, caller) {
      const { attributes } = registry.group(arnOf(query, caller))
      return { Attributes: [...attributes].map(([Key, Value]) => ({ Key, Value })) }
    },
    DescribeTargetHealth(query, caller) {
      const found = registry.describe(arnOf(query, caller), targetsOf(query))
      return { TargetHealthDescriptions: found.map(healthXml) }
    },
    RegisterTargets(query, caller) {
      registry.register(arnOf(query, caller), someTargetsOf(query))
      return {}
    },
    DeregisterTargets(query, caller) {
      registry.deregister(arnOf(query, caller), someTargetsOf(query))
      return {}
    },
  }
}

function arnOf(query: Query, caller: Caller): string {
  const arn = query.get('TargetGroupArn')
  if (!arn) throw invalid('A target group ARN must be specified')
  return ownArn(arn, caller)
}

function targetsOf(query: Query): TargetRef[] | undefined {
  return query.structures('Targets')?.map((member) => {
    const port = member.get('Port')
    const zone = member.get('AvailabilityZone')
    return {
      id: member.get('Id') ?? '',
      ...(port !== undefined && { port: Number(port) }),
      ...(zone !== undefined && { zone }),
    }
  })
}

function someTargetsOf(query: Query): TargetRef[] {
  const targets = targetsOf(query)
  if (!targets) throw invalid('At least one target must be specified')
  return targets
}
