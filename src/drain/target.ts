/**
 * One registration of this pod with a target group. The same pod IP on two ports is two targets,
 * and the load balancer may send requests to either.
 */
export interface Target {
  /** ARN of the target group. */
  readonly group: string
  /** The pod IP, spelled as the target group spells it. */
  readonly id: string
  readonly port: number
  /** The zone as the listing gave it. */
  readonly zone?: string
}

/** What one look showed of one target: the load balancer's own words. */
export interface Sighting {
  readonly target: Target
  /** `TargetHealth.State`; a state that this version does not know is kept as it came. */
  readonly state: string
  /** `TargetHealth.Reason`. */
  readonly reason?: string
}

/** What a sighting means for us. */
export type Phase =
  /** The load balancer may send new requests. */
  | { readonly kind: 'registered' }
  /** Deregistered; the deregistration delay runs. */
  | { readonly kind: 'draining' }
  /** Neither: nothing new is coming, or will be once the settle time is over. */
  | { readonly kind: 'gone' }

/** A target group that has no healthy target sends requests to the unhealthy ones: it fails open. */
export type GroupHealth = 'serving' | 'failing-open'

/**
 * Reads a sighting. States that hold: `initial`, `healthy`, `unavailable`, `draining`,
 * `unhealthy.draining`, and any state that is not known here, for a new word must not cost requests;
 * `unhealthy` unless the group is known to serve from others.
 *
 * The reason goes before the state. A finished target is `unused` at AWS, but has been seen elsewhere as
 * `unavailable` with the same reason, `Target.NotRegistered`. And one that is `unused` because its group is
 * on no listener, or its zone not enabled (`Target.NotInUse`), is registered all the same: a listener may be
 * switched to that group a moment later, so it holds until somebody deregisters it.
 */
export function phaseOf(sighting: Omit<Sighting, 'target'>, group: GroupHealth): Phase {
  if (sighting.reason === 'Target.NotRegistered') return { kind: 'gone' }
  if (sighting.reason === 'Target.NotInUse') return { kind: 'registered' }
  switch (sighting.state) {
    case 'draining':
    case 'unhealthy.draining':
      return { kind: 'draining' }
    case 'unused':
      return { kind: 'gone' }
    case 'unhealthy':
      return { kind: group === 'serving' ? 'gone' : 'registered' }
    default:
      return { kind: 'registered' }
  }
}

/** Tells targets of one group apart. The zone is no part of it: a listing may leave it out. */
export function keyOf(target: Target): string {
  return `${target.id} ${target.port}`
}

/** Whose propagation it is that the settle time waits for. */
export type LoadBalancerKind = 'application' | 'network' | 'gateway'

export type TargetType = 'ip' | 'instance'

/** What is known of a target group beside its targets; what could not be learnt is left out. */
export interface GroupFacts {
  readonly deregistrationDelayMs?: number
  readonly loadBalancer?: LoadBalancerKind
  /** In a group of type `instance` the targets are nodes: no pod is ever in it. */
  readonly targetType?: TargetType
  /** `datagrams`: some or all of its traffic has no connections that the pod could count. */
  readonly traffic?: 'connections' | 'datagrams'
}

/**
 * The least time from the first `draining` sighting to release, in milliseconds. Users measured new
 * requests for 5-20 s after `draining` shows on an ALB (aws-load-balancer-controller #2366) and new
 * connections for up to 120 s on an NLB (#1834, #3270). A Gateway Load Balancer, which nobody has
 * measured, is taken for the slower; and so is one of which nobody knows the kind.
 */
export function settleOf(loadBalancer: LoadBalancerKind | undefined): number {
  return loadBalancer === 'application' ? 20_000 : 120_000
}
