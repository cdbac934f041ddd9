import type { Logger } from 'pino'
import type { Cluster } from '../cluster/cluster.ts'
import type { Change } from '../drain/account/change.ts'
import { type Report, reportOf } from '../drain/account/report.ts'
import { createDrain, type Drain } from '../drain/drain.ts'
import { deadlineOf } from '../drain/judgement/limits.ts'
import type { DrainEnd } from '../drain/judgement/outcome.ts'
import type { Pod, Search } from '../drain/ports.ts'
import { toldOf } from '../lookout/board/told.ts'
import type { Settings } from '../settings/settings.ts'
import { createConnections } from '../sockets/connections.ts'
import { logChange, logRelease } from '../telling/log.ts'
import { exposition } from '../telling/metrics/exposition.ts'
import { noDrains, withDrain, withRelease } from '../telling/metrics/past.ts'
import { tellChange, tellRelease } from '../telling/tell.ts'
import { clock } from '../time/clock.ts'
import { type Eyes, openEyes } from './eyes.ts'
import { limitsOf } from './limits.ts'

/** A drain made of real parts. */
export interface Gate {
  /** A hook came: resolves when it is released; the same promise for those who come together. */
  hook(): Promise<DrainEnd>
  readonly drain: Drain
  /** The drain as it stands; or what came of a hook. */
  readonly report: (end?: DrainEnd) => Report
  /** What a scrape gets. */
  readonly metrics: () => string
  /** The pod's cluster; undefined outside one, with the reason in `apart`. */
  readonly cluster: Cluster | undefined
  readonly apart: string
  /** Resolves when what there was to tell of the drains has been told, or could not be; a second at most. */
  told(): Promise<void>
}

/** Puts the drain together as the settings say, with a log that hears of all it does. */
export function createGate(settings: Settings, log: Logger): Gate {
  const limits = limitsOf(settings)
  const groups = [...new Set(settings.TARGET_GROUP_ARNS.map(({ arn }) => arn))]
  const eyes = openEyes(settings, ({ said }) => log.warn(`${said}; no Kubernetes events`))
  const { balancer, cluster, lookout } = eyes
  const connections = createConnections({
    ignore: settings.IDLE_IGNORE_CIDRS,
    ...(settings.HOST_IP === undefined ? {} : { hostIp: settings.HOST_IP }),
  })
  const ports = { balancer, connections, ...clusterPorts(eyes) }
  let past = noDrains
  function tell(change: Change): void {
    const state = drain.state()
    if (state) lookout?.tell(toldOf(state, limits, clock.now()))
    if (change.kind !== 'released') {
      logChange(log, change)
      tellChange(cluster?.events, change)
      return
    }
    past = withDrain(withRelease(past, change, state), state)
    const released = reportOf(state, limits, clock.now(), change.end)
    logRelease(log, released)
    tellRelease(cluster?.events, settings.TERMINATION_MESSAGE_PATH, released)
  }
  const drain = createDrain({ ports, clock, groups, limits, tell })
  return {
    ...{ drain, cluster, apart: eyes.apart },
    told: async () => void (await Promise.all([cluster?.events.told(), lookout?.told()])),
    report: (end) => reportOf(drain.state(), limits, clock.now(), end),
    metrics() {
      const state = drain.state()
      const deadlineMs = state && deadlineOf(state.hook, state.progress, limits)
      return exposition({ past, drain: state, deadlineMs, now: clock.now() })
    },
    hook() {
      if (drain.joined() === undefined) log.info({ groups }, 'hook called')
      return drain.join()
    },
  }
}

/** Outside a pod whether it is deleted cannot be told, and nothing is released for it. */
function clusterPorts({ cluster, apart: said }: Eyes): { pod: Pod; search: Search } {
  if (cluster) return cluster
  return {
    pod: { look: async () => ({ kind: 'pod', deletion: 'cannot-tell' }) },
    search: {
      find: async () => ({
        ...{ kind: 'found', groups: [], more: 0, narrowed: [] },
        missing: [{ kind: 'denied', said }],
      }),
    },
  }
}
