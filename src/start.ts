import type { Logger } from 'pino'
import { warningsOf } from './cluster/warnings.ts'
import type { Gate } from './compose.ts'
import { podIpsOf, type Settings } from './settings.ts'

/**
 * Says once, at the start, what is known of this pod, and what will cost requests or time when it
 * ends. The balancer is not asked: thousands of pods that start together share one small budget of
 * calls with the controller that registers them.
 */
export async function lookAround({ cluster, place }: Gate, settings: Settings, log: Logger) {
  const groups = settings.TARGET_GROUP_ARNS.map(({ arn }) => arn)
  const podIps = podIpsOf(settings)
  if (!cluster) {
    const why = place.kind === 'pod' ? '' : place.said
    log.info({ groups, podIps }, `the cluster is not asked: ${why}`)
    return
  }
  const seen = await cluster.inspect(new AbortController().signal)
  if (seen.kind !== 'inspected') {
    log.warn({ groups, podIps, failure: seen.kind }, seen.said)
    return
  }
  const { pod, discovery } = seen
  const bindings = discovery.bindings.map(({ name, arn, groupName }) => ({ name, arn, groupName }))
  log.info({ groups, podIps: pod.ips, bindings }, 'this pod and its TargetGroupBindings')
  for (const { said, kind } of [...discovery.missing, ...discovery.narrowed])
    log.warn({ failure: kind }, said)
  const { RESERVE_SECONDS: reserveMs, SETTLE_SECONDS: settleMs } = settings
  const { port } = settings.LISTEN_ADDRESS
  const expected = { port, reserveMs, ...(settleMs === undefined ? {} : { settleMs }) }
  for (const { about, said } of warningsOf(pod, discovery, expected)) log.warn({ about }, said)
}
