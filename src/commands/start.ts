import type { Logger } from 'pino'
import { missingCredentials } from '../aws/credentials.ts'
import type { Cluster, Inspection } from '../cluster/cluster.ts'
import { sentenceOf } from '../cluster/wiring/warning.ts'
import { warningsOf } from '../cluster/wiring/warnings.ts'
import type { Gate } from '../compose/gate.ts'
import type { Failure } from '../drain/ports.ts'
import { looksItself, podIpsOf, type Settings } from '../settings/settings.ts'
import { clock } from '../time/clock.ts'

/**
 * Says once, at the start, what is known of this pod, and what will cost requests or time when it
 * ends. The balancer is not asked: thousands of pods that start together share one small budget of
 * calls with the controller that registers them.
 */
export async function lookAround({ cluster, apart }: Gate, settings: Settings, log: Logger) {
  const lacking = looksItself(settings) ? missingCredentials(process.env) : undefined
  if (lacking) log.warn({ about: 'credentials' }, lacking)
  const groups = settings.TARGET_GROUP_ARNS.map(({ arn }) => arn)
  const podIps = podIpsOf(settings)
  if (!cluster) {
    // Without groups every hook will fall back.
    const level = groups.length > 0 ? 'info' : 'warn'
    log[level]({ groups, podIps }, `the cluster is not asked: ${apart}`)
    return
  }
  const seen = await inspect(cluster, (failure) =>
    log.warn({ groups, podIps, failure: failure.kind }, failure.said),
  )
  if (!seen) return
  const { pod, discovery } = seen
  const bindings = discovery.bindings.map(({ name, arn, groupName }) => ({ name, arn, groupName }))
  log.info({ groups, podIps: pod.ips, bindings }, 'this pod and its TargetGroupBindings')
  for (const { said, kind } of [...discovery.missing, ...discovery.narrowed])
    log.warn({ failure: kind }, said)
  const { RESERVE_SECONDS: reserveMs, SETTLE_SECONDS: settleMs } = settings
  const { port } = settings.LISTEN_ADDRESS
  const expected = { port, reserveMs, groups, ...(settleMs === undefined ? {} : { settleMs }) }
  for (const warning of warningsOf(pod, discovery, expected))
    log.warn({ about: warning.about }, sentenceOf(warning))
}

/** When to ask again that was not answered: what is learnt now is all there is, should a hook come then. */
const pausesMs = [5_000, 30_000, 300_000]

/** Undefined when it cannot be learnt. */
async function inspect(
  cluster: Cluster,
  failed: (failure: Failure) => void,
): Promise<Inspection | undefined> {
  const { signal } = new AbortController()
  for (const pauseMs of [...pausesMs, undefined]) {
    const seen = await cluster.inspect(signal)
    if (seen.kind !== 'inspected') failed(seen)
    // The kubelet tells a pod's address when its containers have started; a native sidecar is the first.
    else if (seen.pod.ips.length > 0 || pauseMs === undefined) return seen
    if (seen.kind === 'denied' || pauseMs === undefined) return undefined
    await clock.sleepUntil(clock.now() + pauseMs, signal)
  }
  return undefined
}
