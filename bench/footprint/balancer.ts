import { startAws } from '../../lab/elbv2/aws.ts'
import { createRegistry } from '../../lab/elbv2/registry.ts'

/** An ELBv2 API with one group of a thousand targets, for a draingate of one of its pods. */
export async function startBalancer() {
  const now = () => performance.now()
  const registry = createRegistry({ now, propagationMs: () => 0 })
  const { arn } = registry.createGroup({ name: 'footprint', deregistrationDelayMs: 3_600_000 })
  const target = { id: '10.0.1.7', port: 8080 }
  const others = Array.from({ length: 999 }, (_, i) => ({
    id: `10.1.${i >> 8}.${i & 255}`,
    port: 8080,
  }))
  registry.register(arn, [target, ...others])
  for (const each of [target, ...others]) registry.report(arn, each, 'healthy')
  // Without a budget: a thousand drains in a row are not what it is there for.
  const aws = await startAws({ registry, now, bucket: { capacity: 1e6, perSecond: 1e6 } })
  return {
    settings: { ...aws.environment, TARGET_GROUP_ARNS: arn, POD_IPS: target.id },
    deregister: () => registry.deregister(arn, [target]),
    looks: () => aws.calls.count({ action: 'DescribeTargetHealth' }),
    close: () => aws.close(),
  }
}
