import type { Caller } from '../sts/signature.ts'
import { AwsError, invalid } from './error.ts'
import { type Group, kindOf } from './group.ts'
import { isOwn, ownArn } from './owner.ts'
import type { Query } from './query.ts'
import type { Registry } from './registry.ts'
import type { Xml } from './xml.ts'

/** DescribeTargetGroups: by names, by ARNs, by load balancer, or a page of all. Throws `AwsError`. */
export function describeGroups(registry: Registry, query: Query, caller: Caller): Xml {
  const own = registry.groups().filter((group) => isOwn(group.arn, caller))
  const { found, next } = page(chosen(registry, own, query, caller), query)
  return { TargetGroups: found.map(groupXml), NextMarker: next }
}

function chosen(registry: Registry, own: Group[], query: Query, caller: Caller): Group[] {
  const names = query.values('Names')
  const arns = query.values('TargetGroupArns')
  const loadBalancer = query.get('LoadBalancerArn')
  if ([names, arns, loadBalancer].filter((given) => given !== undefined).length > 1) {
    throw invalid('Only one of load balancer ARN, target group ARNs and names can be specified')
  }
  if (arns) return arns.map((arn) => registry.group(ownArn(arn, caller)))
  if (names) {
    return names.map((name) => {
      const found = own.find((group) => group.name === name)
      if (!found) throw new AwsError('TargetGroupNotFound', 'One or more target groups not found')
      return found
    })
  }
  return loadBalancer ? own.filter((group) => group.loadBalancerArns.includes(loadBalancer)) : own
}

// AWS lists 400 groups a page unless told otherwise, and answers a marker when there are more.
function page(groups: Group[], query: Query): { found: Group[]; next: string | undefined } {
  const size = Number(query.get('PageSize') ?? 400)
  const marker = query.get('Marker')
  const start = marker === undefined ? 0 : Number(Buffer.from(marker, 'base64url').toString())
  if (!(Number.isInteger(size) && size >= 1 && size <= 400))
    throw invalid('Page size must be 1-400')
  if (!(Number.isInteger(start) && start >= 0)) throw invalid(`Marker '${marker}' is not valid`)
  const end = start + size
  const next = end < groups.length ? Buffer.from(String(end)).toString('base64url') : undefined
  return { found: groups.slice(start, end), next }
}

const groupXml = (group: Group): Xml => ({
  TargetGroupArn: group.arn,
  TargetGroupName: group.name,
  Protocol: group.protocol,
  Port: group.defaultPort,
  HealthCheckProtocol: kindOf(group.protocol) === 'app' ? group.protocol : 'TCP',
  HealthCheckPort: 'traffic-port',
  HealthCheckEnabled: 'true',
  LoadBalancerArns: group.loadBalancerArns,
  TargetType: group.targetType,
  IpAddressType: 'ipv4',
})
