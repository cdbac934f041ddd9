import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import { type Aws, type AwsOptions, startAws } from '../../../lab/elbv2/aws.ts'
import { createRegistry } from '../../../lab/elbv2/registry.ts'

export interface Cleanup {
  teardown(end: () => unknown): void
}

export const pod = { id: '10.0.1.7', port: 8080 }

/** The lab's AWS with one group and one healthy pod, on a clock that stands still until it is set. */
export async function startLab(t: Cleanup, options: Partial<AwsOptions> = {}) {
  const time = { ms: 50_000 }
  const now = () => time.ms
  const registry = createRegistry({ now, propagationMs: () => 0 })
  const { arn } = registry.createGroup({ name: 'web', defaultPort: 8080 })
  registry.register(arn, [pod])
  registry.report(arn, pod, 'healthy')
  const aws = await startAws({ registry, now, ...options })
  t.teardown(() => aws.close())
  return { time, registry, arn, aws, client: clientOf(t, aws) }
}

/** The SDK as it comes, but for its retries: a test wants to see each answer. */
export function clientOf(
  t: Cleanup,
  { url, credentials }: Pick<Aws, 'url' | 'credentials'>,
  more = {},
) {
  const client = new ElasticLoadBalancingV2Client({
    region: 'eu-west-1',
    endpoint: url,
    credentials,
    maxAttempts: 1,
    ...more,
  })
  t.teardown(() => client.destroy())
  return client
}
