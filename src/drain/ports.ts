import type { GroupFacts, GroupHealth, Sighting, Target, TargetType } from './target.ts'

/**
 * Everything that can go wrong outside, as the drain tells it apart. `said` is one line for a
 * person: what happened and, where it is known, what to do.
 */
export type Failure =
  /** Asked too often: ask more seldom. */
  | { readonly kind: 'throttled'; readonly said: string }
  /** Missing permission, or credentials that are missing, wrong or expired. */
  | { readonly kind: 'denied'; readonly said: string }
  /** No answer: the network, a time-out, a server error. */
  | { readonly kind: 'unreachable'; readonly said: string }
  /** What was asked about does not exist (any more). */
  | { readonly kind: 'gone'; readonly said: string }
  /** An answer that is not one, or a question that was refused as wrong. */
  | { readonly kind: 'malformed'; readonly said: string }

/** How to look at a group: at all of it, or at the targets named. */
export type View =
  | { readonly kind: 'listing' }
  | { readonly kind: 'named'; readonly targets: readonly Target[] }

/** What a look showed: this pod's targets only. */
export interface Seen {
  readonly kind: 'seen'
  /** Empty in a listing: the pod is not in the group. A named look has each target that it named. */
  readonly sightings: readonly Sighting[]
  /** Whether the group fails open; only a listing can tell. */
  readonly group: GroupHealth
  /** How many other targets of the group drain beside this pod's; only a listing can tell. */
  readonly othersDraining?: number
  /** How many targets the group has, draining ones too; only a listing can tell. */
  readonly size?: number
  /** What the targets are; only a listing that is not empty can tell. */
  readonly targetType?: TargetType
}

export interface Described {
  readonly kind: 'described'
  readonly facts: GroupFacts
  /** What kept facts from being learnt: there is a reason for each that is left out. */
  readonly missing: readonly Failure[]
}

/** The load balancer. Neither question throws, and both end by themselves or when `signal` aborts. */
export interface Balancer {
  /** Looks for this pod's targets in a target group (by ARN). */
  look(group: string, view: View, signal: AbortSignal): Promise<Seen | Failure>
  /** Learns the group's deregistration delay and kind, but for what is known of it. */
  describe(group: string, known: GroupFacts, signal: AbortSignal): Promise<Described>
}

/** Target groups that the pod may be in, with what is known of them by then. */
export interface Found {
  readonly kind: 'found'
  readonly groups: readonly { readonly group: string; readonly facts: GroupFacts }[]
  /** What could not be searched and may hide another group: a release waits for it. */
  readonly missing: readonly Failure[]
  /** What is not known either, though what was found can be believed without it. */
  readonly narrowed: readonly Failure[]
}

/** Where nobody named the groups: the pod's cluster. Does not throw. */
export interface Search {
  find(signal: AbortSignal): Promise<Found>
}

/** Established connections by port, as far as they count: peers that are not traffic are left out. */
export interface Counted {
  readonly kind: 'counted'
  /** For each port asked about. */
  readonly established: ReadonlyMap<number, number>
}

/** The pod's own sockets. Does not throw. */
export interface Connections {
  count(ports: readonly number[]): Promise<Counted | Failure>
}

/** What one look at the pod itself showed. */
export interface PodSeen {
  readonly kind: 'pod'
  /**
   * Whether the pod is being deleted, or only a container of it restarted. `deleted`: by force, its
   * object is gone already, and nobody waits for its hooks.
   */
  readonly deletion: 'deleting' | 'deleted' | 'staying' | 'cannot-tell'
  /** When its grace period ends, in monotonic milliseconds, where that is known. */
  readonly graceEndsAtMs?: number
  /** How long its grace period is, in milliseconds, where that is known. */
  readonly graceMs?: number
}

/** A look at the pod that failed. `known`: what is true all the same, from an earlier one. */
export type PodUnseen = Failure & { readonly known?: PodSeen }

/** The pod as its cluster sees it. Does not throw. */
export interface Pod {
  look(signal: AbortSignal): Promise<PodSeen | PodUnseen>
}

/** What the drain asks. */
export interface Ports {
  readonly balancer: Balancer
  readonly connections: Connections
  readonly pod: Pod
  readonly search: Search
}
