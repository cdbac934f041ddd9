import type { Logger } from 'pino'
import { createAwsBalancer } from './aws/balancer.ts'
import { clock } from './clock.ts'
import { createDrain, type Drain, type DrainEnd } from './drain/drain.ts'
import type { Limits } from './drain/limits.ts'
import type { Pod } from './drain/ports.ts'
import { type Report, reportOf } from './drain/report.ts'
import { logChange, logRelease } from './log.ts'
import { podIpsOf, type Settings } from './settings.ts'
import { createConnections } from './sockets/connections.ts'

/** A drain made of real parts. */
export interface Gate {
  /** A hook came: resolves when the pod may be let go. */
  hook(): Promise<DrainEnd>
  readonly drain: Drain
  readonly report: () => Report
}

// Nobody has asked the cluster yet: whether the pod is deleted cannot be told, and nothing is released for it.
const unknownPod: Pod = { look: async () => ({ kind: 'pod', deletion: 'cannot-tell' }) }

/** Puts the drain together as the settings say, with a log that hears of all it does. */
export function createGate(settings: Settings, log: Logger): Gate {
  const limits = limitsOf(settings)
  const groups = [...new Set(settings.TARGET_GROUP_ARNS.map(({ arn }) => arn))]
  const { ASSUME_ROLE_EXTERNAL_ID: externalId, AWS_REGION: stsRegion, HOST_IP: hostIp } = settings
  const access = {
    roles: settings.ASSUME_ROLE_ARN,
    ...(externalId === undefined ? {} : { externalId }),
    ...(stsRegion === undefined ? {} : { stsRegion }),
  }
  const ports = {
    balancer: createAwsBalancer({ clock, podIps: podIpsOf(settings), access }),
    connections: createConnections({
      ignore: settings.IDLE_IGNORE_CIDRS,
      ...(hostIp === undefined ? {} : { hostIp }),
    }),
    pod: unknownPod,
  }
  const drain = createDrain({ ports, clock, groups, limits, tell: (c) => logChange(log, c) })
  const report = () => reportOf(drain.state(), limits, clock.now())
  return {
    drain,
    report,
    hook() {
      const held = drain.joined()
      if (held !== undefined) return held
      log.info({ groups }, 'hook called: draining')
      return drain.join().then((end) => {
        logRelease(log, report())
        return end
      })
    },
  }
}

function limitsOf(settings: Settings): Limits {
  const settleMs = settings.SETTLE_SECONDS
  return {
    graceMs: settings.GRACE_PERIOD_SECONDS,
    reserveMs: settings.RESERVE_SECONDS,
    fallbackMs: settings.FALLBACK_SECONDS,
    ...(settleMs === undefined ? {} : { settleMs }),
    releaseWhen: settings.RELEASE_WHEN,
    idleMs: settings.IDLE_SECONDS,
    restartMs: settings.RESTART_SECONDS,
    spread: Math.random(),
  }
}
