/** The AWS SDK. Loaded when first needed, by `import()`: it is most of the sidecar's memory. */
import {
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { fromNodeProviderChain, fromTemporaryCredentials } from '@aws-sdk/credential-providers'
import type { Access, Role } from './access.ts'
import { readTargetGroupArn } from './arn.ts'
import { boundBody } from './bounded-body.ts'
import type { TargetHealthAnswer } from './sightings.ts'

/** As AWS spells them; undefined when the answer leaves them out. */
export interface GroupKind {
  readonly protocol: string | undefined
  readonly targetType: string | undefined
}

/** The calls that the balancer makes. Each throws what the SDK throws. */
export interface Api {
  /** Of the whole group. */
  targetHealth(group: string, signal: AbortSignal): Promise<TargetHealthAnswer>
  /** Seconds, as AWS spells them; undefined when the group has no such attribute. */
  deregistrationDelay(group: string, signal: AbortSignal): Promise<string | undefined>
  kind(group: string, signal: AbortSignal): Promise<GroupKind>
  /** The ARN of a target group by its name, in the pod's own Region. */
  arnOf(name: string, role: Role | undefined, signal: AbortSignal): Promise<string | undefined>
  /** The ARN of the pod's own identity. */
  identity(signal: AbortSignal): Promise<string | undefined>
  /** Forgets all credentials, so that the next call asks for new ones. */
  forget(): void
}

// The SDK's own default is to wait for ever; a request time-out alone only warns.
const requestHandler = {
  connectionTimeout: 2_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
}

export function createApi(access: Access): Api {
  const clients = new Map<string, ElasticLoadBalancingV2Client>()
  // Groups of one Region and role share a client, and with it connections and credentials.
  const clientIn = (region: string, role: Role | undefined) => {
    const key = [region, role?.arn, role?.externalId].join(' ')
    const client = clients.get(key) ?? createClient(region, role, access)
    clients.set(key, client)
    return client
  }
  const clientOf = (group: string) => clientIn(regionOf(group), access.roleOf(group))
  return {
    async targetHealth(group, abortSignal) {
      const command = new DescribeTargetHealthCommand({ TargetGroupArn: group })
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
    async arnOf(name, role, abortSignal) {
      const region = access.stsRegion
      if (!region) throw new Error('no Region for a group without ARN: set AWS_REGION')
      const command = new DescribeTargetGroupsCommand({ Names: [name] })
      const { TargetGroups } = await clientIn(region, role).send(command, { abortSignal })
      return TargetGroups?.[0]?.TargetGroupArn
    },
    async identity(abortSignal) {
      // Only a person who looks for a fault asks for it.
      const { STSClient, GetCallerIdentityCommand } = await import('@aws-sdk/client-sts')
      const region = access.stsRegion ?? 'us-east-1'
      const clientConfig = { requestHandler, region }
      const credentials = fromNodeProviderChain({ clientConfig })
      const client = new STSClient({ ...clientConfig, credentials, maxAttempts: 1 })
      return (await client.send(new GetCallerIdentityCommand(), { abortSignal })).Arn
    },
    // Not destroyed: looks at other groups may be under way with them.
    forget: () => clients.clear(),
  }
}

function createClient(
  region: string,
  role: Role | undefined,
  access: Access,
): ElasticLoadBalancingV2Client {
  const clientConfig = { requestHandler, region: access.stsRegion ?? region }
  const own = fromNodeProviderChain({ clientConfig })
  const credentials = role
    ? fromTemporaryCredentials({
        masterCredentials: own,
        clientConfig,
        params: {
          RoleArn: role.arn,
          RoleSessionName: 'draingate',
          ...(role.externalId ? { ExternalId: role.externalId } : {}),
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

function regionOf(group: string): string {
  const parts = readTargetGroupArn(group)
  if (!parts) throw new TypeError(`not a target group ARN: ${group}`)
  return parts.region
}
