import type { GroupFacts, GroupHealth, Sighting, TargetType } from './target.ts'

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

/** What a listing of a whole group showed of this pod. */
export interface Seen {
  readonly kind: 'seen'
  /** This pod's targets only. Empty: the pod is not in the group. */
  readonly sightings: readonly Sighting[]
  /** Whether the group fails open. */
  readonly group: GroupHealth
  /** How many other targets of the group drain beside this pod's. */
  readonly othersDraining: number
  /** What the targets are; an empty group does not tell. */
  readonly targetType?: TargetType
}

/** When a question was really put, in monotonic milliseconds, where somebody put it for us, and later. */
export interface Asked {
  readonly askedAtMs?: number
}

/** What can be learnt of a group beside its targets, each by a call of its own. */
export type Wanted = 'delay' | 'kind'

export interface Described {
  readonly kind: 'described'
  readonly facts: GroupFacts
  /** What kept facts from being learnt: there is a reason for each that is left out. */
  readonly missing: readonly Failure[]
}

/** The load balancer. Neither question throws, and both end by themselves or when `signal` aborts. */
export interface Balancer {
  /**
   * Lists a target group (by ARN). Always all of it: a look by name cannot see another registration of
   * the pod, on a port that nobody named.
   */
  look(group: string, signal: AbortSignal): Promise<(Seen | Failure) & Asked>
  /** Learns the group's deregistration delay, or its kind and the type of its targets, or both. */
  describe(group: string, wanted: readonly Wanted[], signal: AbortSignal): Promise<Described>
}

/** Target groups that the pod may be in, with what is known of them by then. */
export interface Found {
  readonly kind: 'found'
  readonly groups: readonly FoundGroup[]
  /** How many groups more it might be in, which are too many to look at. */
  readonly more: number
  /** What could not be searched and may hide another group: a release waits for it. */
  readonly missing: readonly Failure[]
  /** What is not known either, though what was found can be believed without it. */
  readonly narrowed: readonly Failure[]
}

export interface FoundGroup {
  readonly group: string
  readonly facts: GroupFacts
  readonly claim: Exclude<Claim, 'named'>
}

/** Why a group is looked at. */
export type Claim =
  /** The settings name it. */
  | 'named'
  /** Its binding is the pod's. */
  | 'bound'
  /** Its binding was the pod's, and is not any more: it may have been deregistered before the hook. */
  | 'once-bound'
  /** Nothing says that the pod is in it, but that it is one of the namespace's. */
  | 'possible'

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
  readonly deletion: Deletion
  /** When its grace period ends, in monotonic milliseconds, where that is known. */
  readonly graceEndsAtMs?: number
  /** When it was deleted, in monotonic milliseconds, where that is known. */
  readonly deletedAtMs?: number
  /** How long its own grace period is, in milliseconds, where that is known; a deletion may grant less. */
  readonly graceMs?: number
  /** Its condition `Ready`, where that is known. */
  readonly ready?: boolean
}

export type Deletion =
  | 'deleting'
  /** By force: its object is gone already, and nobody waits for its hooks. */
  | 'deleted'
  /** Its kubelet ends it without deleting it: the node shuts down, or is short of something. */
  | 'ending'
  /** Only a container of it restarts. */
  | 'staying'
  | 'cannot-tell'

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
