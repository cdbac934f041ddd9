import type { Logger } from 'pino'
import type { Access, Role } from './aws/access.ts'
import { type AwsBalancer, createAwsBalancer } from './aws/balancer.ts'
import { createHttpsApi } from './cluster/api/https.ts'
import type { KubernetesApi, Refusal } from './cluster/api/kubernetes-api.ts'
import { findPlace, type Place, type PodName } from './cluster/api/place.ts'
import { type Cluster, createCluster } from './cluster/cluster.ts'
import type { Binding } from './cluster/objects/bindings.ts'
import type { Change } from './drain/account/change.ts'
import { type Report, reportOf } from './drain/account/report.ts'
import { createDrain, type Drain } from './drain/drain.ts'
import { deadlineOf, type Limits } from './drain/judgement/limits.ts'
import type { DrainEnd } from './drain/judgement/outcome.ts'
import type { Pod, Search } from './drain/ports.ts'
import { graceOf, podIpsOf, type Settings } from './settings/settings.ts'
import { createConnections } from './sockets/connections.ts'
import { logChange, logRelease } from './telling/log.ts'
import { exposition } from './telling/metrics/exposition.ts'
import { noDrains, withDrain, withRelease } from './telling/metrics/past.ts'
import { tellChange, tellRelease } from './telling/tell.ts'
import { clock } from './time/clock.ts'

/** A drain made of real parts. */
export interface Gate {
  /** A hook came: resolves when it is released; the same promise for those who come together. */
  hook(): Promise<DrainEnd>
  readonly drain: Drain
  /** The drain as it stands; or what came of a hook. */
  readonly report: (end?: DrainEnd) => Report
  /** What a scrape gets. */
  readonly metrics: () => string
  /** The pod's cluster; undefined outside one, with the reason in `place`. */
  readonly cluster: Cluster | undefined
  readonly place: Place
}

/** Puts the drain together as the settings say, with a log that hears of all it does. */
export function createGate(settings: Settings, log: Logger): Gate {
  const limits = limitsOf(settings)
  const groups = [...new Set(settings.TARGET_GROUP_ARNS.map(({ arn }) => arn))]
  const place = placeFor(settings)
  const reach =
    place.kind === 'pod' ? { api: createHttpsApi(clock, place), name: place.pod } : undefined
  const { balancer, cluster } = createParts(settings, reach, ({ said }) =>
    log.warn(`${said}; no Kubernetes events`),
  )
  const connections = createConnections({
    ignore: settings.IDLE_IGNORE_CIDRS,
    ...(settings.HOST_IP === undefined ? {} : { hostIp: settings.HOST_IP }),
  })
  const ports = { balancer, connections, ...clusterPorts(cluster, place) }
  let past = noDrains
  function tell(change: Change): void {
    if (change.kind !== 'released') {
      logChange(log, change)
      tellChange(cluster?.events, change)
      return
    }
    const state = drain.state()
    past = withDrain(withRelease(past, change, state), state)
    const released = reportOf(state, limits, clock.now(), change.end)
    logRelease(log, released)
    tellRelease(cluster?.events, settings.TERMINATION_MESSAGE_PATH, released)
  }
  const drain = createDrain({ ports, clock, groups, limits, tell })
  return {
    ...{ drain, cluster, place },
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

/** How the API server is reached, and which pod is ours. */
export interface Reach {
  readonly api: KubernetesApi
  readonly name: PodName
}

/** AWS and the cluster, which know of each other only what is handed on here. */
export function createParts(
  settings: Settings,
  reach: Reach | undefined,
  untold: (refusal: Refusal) => void,
): { balancer: AwsBalancer; cluster: Cluster | undefined } {
  const bindings = new Map<string, Binding>()
  const podIps = () => [...podIpsOf(settings), ...(cluster?.pod.last()?.ips ?? [])]
  const access = accessOf(settings, (group) => bindings.get(group)?.role)
  const balancer = createAwsBalancer({ clock, podIps, access })
  const cluster: Cluster | undefined =
    reach &&
    createCluster({
      ...{ ...reach, clock, untold, port: settings.LISTEN_ADDRESS.port },
      arnOf: ({ groupName = '', role }, signal) => balancer.arnOf(groupName, role, signal),
      found: (arn, binding) => bindings.set(arn, binding),
    })
  return { balancer, cluster }
}

/** Where this process is, as far as it can find out. */
export function placeFor(settings: Settings): Place {
  const {
    POD_NAME: name,
    POD_NAMESPACE: namespace,
    SERVICE_ACCOUNT_DIRECTORY: directory,
  } = settings
  return findPlace({
    ...{ environment: process.env, directory },
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  })
}

/** The role in the settings for the account of a group; else the one that its binding names. */
function accessOf(settings: Settings, roleOfBinding: (group: string) => Role | undefined): Access {
  const { ASSUME_ROLE_EXTERNAL_ID: externalId, AWS_REGION: stsRegion } = settings
  return {
    roleOf(group) {
      const account = group.split(':')[4]
      const role = settings.ASSUME_ROLE_ARN.find((one) => one.account === account)
      const own = role && { arn: role.arn, ...(externalId === undefined ? {} : { externalId }) }
      return own ?? roleOfBinding(group)
    },
    ...(stsRegion === undefined ? {} : { stsRegion }),
  }
}

/** Outside a pod whether it is deleted cannot be told, and nothing is released for it. */
function clusterPorts(cluster: Cluster | undefined, place: Place): { pod: Pod; search: Search } {
  if (cluster) return cluster
  const said = place.kind === 'pod' ? '' : place.said
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

function limitsOf(settings: Settings): Limits {
  const settleMs = settings.SETTLE_SECONDS
  return {
    graceMs: graceOf(settings),
    reserveMs: settings.RESERVE_SECONDS,
    fallbackMs: settings.FALLBACK_SECONDS,
    ...(settleMs === undefined ? {} : { settleMs }),
    releaseWhen: settings.RELEASE_WHEN,
    idleMs: settings.IDLE_SECONDS,
    restartMs: settings.RESTART_SECONDS,
    callsPerSecond: settings.API_CALLS_PER_SECOND,
    spread: Math.random(),
  }
}
