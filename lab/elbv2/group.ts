import { createHash } from 'node:crypto'
import { invalid } from './error.ts'

export interface GroupOptions {
  name: string
  /** Default `HTTP`. HTTP and HTTPS are an ALB's, GENEVE is a gateway's, the rest are an NLB's. */
  protocol?: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'TCP_UDP' | 'GENEVE'
  /** Default 80. */
  defaultPort?: number
  /** Default `ip`. */
  targetType?: 'ip' | 'instance'
  /** Default 300 000, at most 3 600 000. A part of a second, which AWS refuses, is for quick demos. */
  deregistrationDelayMs?: number
  /** `detached`: on no load balancer, so that its targets are `unused`/`Target.NotInUse`. */
  attached?: 'attached' | 'detached'
  /** Default `eu-west-1`. */
  region?: string
  /** Default `123456789012`. */
  account?: string
}

/** A target group. Its attributes may be changed: the next deregistration obeys them. */
export interface Group {
  arn: string
  name: string
  protocol: string
  defaultPort: number
  targetType: 'ip' | 'instance'
  attributes: Map<string, string>
  loadBalancerArns: string[]
}

/**
 * A target group as AWS would make it. `serial` tells apart groups that have the same name one after
 * the other. Throws `ValidationError` for a name, port or delay that AWS refuses.
 */
export function newGroup(options: GroupOptions, serial: number): Group {
  const { name, region = 'eu-west-1', account = '123456789012' } = options
  const { protocol = 'HTTP', defaultPort = 80 } = options
  const delayMs = options.deregistrationDelayMs ?? 300_000
  if (!/^[a-zA-Z\d](-?[a-zA-Z\d])*$/.test(name) || name.length > 32) {
    throw invalid(`Target group name '${name}' must be 1-32 letters, digits and single hyphens`)
  }
  if (!(delayMs >= 0 && delayMs <= 3_600_000)) {
    throw invalid(`Deregistration delay '${delayMs}' ms must be between 0 and 3600000`)
  }
  if (!isPort(defaultPort)) throw invalid(`Port '${defaultPort}' is not valid`)
  const id = createHash('sha256').update(`${name}/${serial}`).digest('hex').slice(0, 16)
  const prefix = `arn:aws:elasticloadbalancing:${region}:${account}`
  const attached = (options.attached ?? 'attached') === 'attached'
  return {
    arn: `${prefix}:targetgroup/${name}/${id}`,
    name,
    protocol,
    defaultPort,
    targetType: options.targetType ?? 'ip',
    attributes: attributesOf(protocol, delayMs),
    loadBalancerArns: attached ? [`${prefix}:loadbalancer/${kindOf(protocol)}/${name}/${id}`] : [],
  }
}

/** The delay that a deregistration starting now gets. */
export function deregistrationDelayMs(group: Group): number {
  return Number(group.attributes.get('deregistration_delay.timeout_seconds')) * 1000
}

/** How long an unhealthy target's connections are let go for (NLB only), 0 when they are not. */
export function unhealthyDrainingMs(group: Group): number {
  const key = 'target_health_state.unhealthy.draining_interval_seconds'
  return Number(group.attributes.get(key) ?? 0) * 1000
}

/** A port that a target or a group may have. */
export const isPort = (port: number) => Number.isInteger(port) && port >= 1 && port <= 65_535

/** Application, network or gateway load balancer, as ARNs name them. */
export function kindOf(protocol: string): 'app' | 'net' | 'gwy' {
  if (protocol === 'HTTP' || protocol === 'HTTPS') return 'app'
  return protocol === 'GENEVE' ? 'gwy' : 'net'
}

// The defaults of a fresh group: AWS documentation, "Edit target group attributes" of each kind.
const kindAttributes = {
  app: {
    'load_balancing.algorithm.type': 'round_robin',
    'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
    'slow_start.duration_seconds': '0',
    'stickiness.enabled': 'false',
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': '86400',
  },
  net: {
    'deregistration_delay.connection_termination.enabled': 'false',
    'preserve_client_ip.enabled': 'false',
    'proxy_protocol_v2.enabled': 'false',
    'stickiness.enabled': 'false',
    'stickiness.type': 'source_ip',
    'target_health_state.unhealthy.connection_termination.enabled': 'true',
    'target_health_state.unhealthy.draining_interval_seconds': '0',
  },
  gwy: {
    'target_failover.on_deregistration': 'no_rebalance',
    'target_failover.on_unhealthy': 'no_rebalance',
  },
}

function attributesOf(protocol: string, delayMs: number): Map<string, string> {
  const attributes = new Map<string, string>(Object.entries(kindAttributes[kindOf(protocol)]))
  return attributes.set('deregistration_delay.timeout_seconds', String(delayMs / 1000))
}
