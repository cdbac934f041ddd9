/** The AWS SDK. Loaded when first needed, by `import()`: it is most of the sidecar's memory. */
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import type { Target } from '../drain/target.ts'
import { readTargetGroupArn } from './arn.ts'
import type { Access } from './balancer.ts'
import { boundBody } from './bounded-body.ts'
import type { TargetHealthAnswer } from './sightings.ts'

/** As AWS spells them; undefined when the answer leaves them out. */
export interface GroupKind {
  readonly protocol: string | undefined
  readonly targetType: string | undefined
}

/** The calls that the balancer makes. Each throws what the SDK throws. */
export interface Api {
  targetHealth(
    group: string,
    named: readonly Target[] | undefined,
    signal: AbortSignal,
  ): Promise<TargetHealthAnswer>
  /** Seconds, as AWS spells them; undefined when the group has no such attribute. */
  deregistrationDelay(group: string, signal: AbortSignal): Promise<string | undefined>
  kind(group: string, signal: AbortSignal): Promise<GroupKind>
  /** Forgets the credentials of a group's client, so that the next call asks for new ones. */
  forget(group: string): void
}

// The SDK's own default is to wait for ever; a request time-out alone only warns.
const requestHandler = {
  connectionTimeout: 2_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
}

export function createApi(access: Access): Api {
  const clients = new Map<string, ElasticLoadBalancingV2Client>()
  const clientOf = (group: string) => {
    const place = placeOf(group)
    const client = clients.get(place) ?? createClient(group, access)
    clients.set(place, client)
    return client
  }
  return {
    async targetHealth(group, named, abortSignal) {
      const targets = named?.map(({ id, port, zone }) => ({
        Id: id,
        Port: port,
        ...(zone ? { AvailabilityZone: zone } : {}),
      }))
      const command = new DescribeTargetHealthCommand({ TargetGroupArn: group, Targets: targets })
      return (await clientOf(group).send(command, { abortSignal })) as TargetHealthAnswer
    },
    async deregistrationDelay(group, abortSignal) {
      const command = new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group })
      const { Attributes } = await clientOf(group).send(command, { abortSignal })
      return Attributes?.find(({ Key }) => Key === 'deregistration_delay.timeout_seconds')?.Value
    },
    async kind(group, abortSignal) {
      const command = new DescribeTargetGroupsCommand({ TargetGroupArns: [group] })
      const { TargetGroups } = await clientOf(group).send(command, { abortSignal })
      return { protocol: TargetGroups?.[0]?.Protocol, targetType: TargetGroups?.[0]?.TargetType }
    },
    forget(group) {
      // Not destroyed: looks at other groups may be under way with it.
      clients.delete(placeOf(group))
    },
  }
}

/** Groups of one account and Region share a client, and with it connections and credentials. */
function placeOf(group: string): string {
  const { region, account } = partsOf(group)
  return `${account} ${region}`
}

function createClient(group: string, access: Access): ElasticLoadBalancingV2Client {
  const { region, account } = partsOf(group)
  const clientConfig = { requestHandler, region: access.stsRegion ?? region }
  const own = fromNodeProviderChain({ clientConfig })
  const role = access.roles.find((role) => role.account === account)
  const credentials = role
    ? fromTemporaryCredentials({
        masterCredentials: own,
        clientConfig,
        params: {
          RoleArn: role.arn,
          RoleSessionName: 'draingate',
          ...(access.externalId ? { ExternalId: access.externalId } : {}),
        },
      })
    : own
  // One attempt: the drain's pace is the only retry, or a throttled fleet would multiply its calls.
  const client = new ElasticLoadBalancingV2Client({
    ...{ region, credentials, requestHandler },
    maxAttempts: 1,
  })
  // The last middleware before the wire: what comes back has not been read yet.
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args)
      boundBody(result.response as { body?: unknown })
      return result
    },
    { step: 'deserialize', priority: 'low' },
  )
  return client
}

function partsOf(group: string) {
  const parts = readTargetGroupArn(group)
  if (!parts) throw new TypeError(`not a target group ARN: ${group}`)
  return parts
}
