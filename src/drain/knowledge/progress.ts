import type {
  Claim,
  Counted,
  Described,
  Failure,
  Found,
  PodSeen,
  PodUnseen,
  Seen,
} from '../ports.ts'
import type { GroupFacts, Phase, Sighting, Target } from '../target.ts'
import type { Failures } from './failures.ts'

/** An answer from outside. Monotonic milliseconds: it is true of a moment between the two. */
export type Fact = {
  readonly askedAtMs: number
  readonly answeredAtMs: number
} & (
  | { readonly kind: 'looked'; readonly group: string; readonly answer: Seen | Failure }
  | { readonly kind: 'described'; readonly group: string; readonly answer: Described }
  | { readonly kind: 'counted'; readonly answer: Counted | Failure }
  | { readonly kind: 'pod'; readonly answer: PodSeen | PodUnseen }
  | { readonly kind: 'searched'; readonly answer: Found }
  /** Another hook came. */
  | { readonly kind: 'joined' }
  /** The loop woke long after it should have: the process stood still. */
  | { readonly kind: 'thawed' }
)

/** How many looks were answered, by answer. */
export type LooksByAnswer = Readonly<Record<Seen['kind'] | Failure['kind'], number>>

/** Every answer is there, so that none of a kind can be told from none at all. */
export const noLooks: LooksByAnswer = {
  ...{ seen: 0, throttled: 0, denied: 0, unreachable: 0, gone: 0, malformed: 0 },
}

export interface TargetProgress {
  readonly target: Target
  readonly sighting: Sighting
  readonly phase: Phase
  /** When it was last asked for and found registered: it was not deregistered before. */
  readonly registeredAtMs?: number
  /** When the first look was asked for that showed it on its way out, or gone. */
  readonly leftAskedAtMs?: number
  /** When the first answer came that showed it draining: it was not deregistered after. */
  readonly drainingAtMs?: number
  /** When the first answer came that showed it gone, and for what reason. */
  readonly gone?: { readonly atMs: number; readonly reason?: string }
}

/** The last answer that told the truth about the group, be it that the group does not exist. */
export interface Truth {
  readonly askedAtMs: number
  readonly about: 'group' | 'no-group'
}

export interface GroupProgress {
  readonly group: string
  readonly claim: Claim
  /** When it became known that the pod may be in it. */
  readonly knownAtMs: number
  /** This pod's targets, once a listing has shown any. */
  readonly targets: readonly TargetProgress[]
  /** How many others drained by the last listing. */
  readonly othersDraining: number
  readonly truth?: Truth
  /** When the first of the whole answers came that show no target of this pod, and when it was asked for. */
  readonly absentAtMs?: number
  readonly absentAskedAtMs?: number
  /** The last look that was answered at all, truth or failure. */
  readonly attempt?: { readonly askedAtMs: number; readonly answeredAtMs: number }
  /** What has kept the truth away since it was last heard. */
  readonly failure?: Failures
  /** Looks by answer. */
  readonly answers: LooksByAnswer
  /** Calls that were refused because there were too many, be it in a look or in a description. */
  readonly throttled: number
  /** How long the looks took, all together, in milliseconds. */
  readonly lookingMs: number
  /** Empty until described. */
  readonly facts: GroupFacts
  readonly described?: {
    readonly answeredAtMs: number
    readonly times: number
    readonly missing: readonly Failure[]
  }
}

/** What is known of the pod's connections. */
export interface ConnectionsProgress {
  readonly askedAtMs: number
  /** Since when each port has been seen without a connection; a port that has one is left out. */
  readonly idleSinceMs: ReadonlyMap<number, number>
  /** Why they cannot be counted. */
  readonly failure?: Failure
}

/** What is known of the pod itself. */
export interface PodProgress {
  readonly askedAtMs: number
  readonly answeredAtMs: number
  /** Since when it leaves for good: when it was deleted, or was first found to be. */
  readonly leavesFromMs?: number
  /** The last answer that was one; or what was known before the first one. */
  readonly seen?: PodSeen
  readonly failure?: Failure
}

/** What is known of the search for the pod's groups. */
export interface SearchProgress {
  readonly askedAtMs: number
  readonly answeredAtMs: number
  /** What the last answer lacked. */
  readonly missing: readonly Failure[]
  /** The answers that have lacked something since the last whole one. */
  readonly failure?: Failures
  readonly narrowed: readonly Failure[]
  /** How many groups there are beside those that it found, too many to look at. */
  readonly more: number
  /** When the first of the whole answers came that no group is the pod's. */
  readonly noneAtMs?: number
}

/** All that a drain knows. A value: `learn` makes the next one. */
export interface Progress {
  readonly startedAtMs: number
  /** When the latest hook came: it may be that of a deletion, and the first one that of a restart. */
  readonly joinedAtMs: number
  /** Empty until the search has found some, where nobody named them. */
  readonly groups: readonly GroupProgress[]
  readonly search?: SearchProgress
  readonly connections?: ConnectionsProgress
  readonly pod?: PodProgress
  /** When the process was last found to have stood still. */
  readonly thawedAtMs?: number
}

/**
 * The knowledge that a drain starts with: none.
 *
 * @param groups The target groups that the settings name; none when they have to be searched for.
 */
export function begin(groups: readonly string[], startedAtMs: number): Progress {
  return {
    startedAtMs,
    joinedAtMs: startedAtMs,
    groups: groups.map((group) => beginGroup(group, 'named', {}, startedAtMs)),
  }
}

/** What is known of a group before the first look. */
export function beginGroup(
  group: string,
  claim: Claim,
  facts: GroupFacts,
  knownAtMs: number,
): GroupProgress {
  const counts = { othersDraining: 0, answers: noLooks, throttled: 0, lookingMs: 0 }
  return { group, claim, knownAtMs, targets: [], ...counts, facts }
}

/** Whether a target of the pod is in that phase. */
export function isIn({ targets }: GroupProgress, kind: Phase['kind']): boolean {
  return targets.some(({ phase }) => phase.kind === kind)
}
