import type { TargetRef } from '../../lab/elbv2/health.ts'
import type { Api } from './account.ts'
import type { WorldClock } from './clock.ts'

/** A pod whose preStop hook has just been called, as what answers the hook sees it. */
export interface HookedPod {
  readonly clock: WorldClock
  readonly api: Api
  /** ARN of its target group. */
  readonly group: string
  /** The group's, as its TargetGroupBinding tells it. */
  readonly protocol: string
  /** Its one registration. */
  readonly target: Required<Pick<TargetRef, 'id' | 'port'>>
  readonly chance: () => number
  /** How many connections it has right now. */
  readonly connections: () => number
}

/** Something that answers a preStop hook. */
export interface Wait {
  readonly name: string
  /** What it waits for, which tells when it should end. */
  readonly until: 'deregistered' | 'idle' | 'settled'
  /** Resolves at the moment of release with the reason: `deregistered`, `deadline`, `gave up`. */
  hold(pod: HookedPod): Promise<string>
}

/** What pods have in common. */
export interface Common {
  readonly clock: WorldClock
  readonly api: Api
  /** ARNs of all groups of the world. */
  readonly groups: readonly string[]
  readonly chance: () => number
}

/** Something that answers the hooks of all pods of a world, and has to be there before the first of them. */
export interface SharedWait extends Pick<Wait, 'name' | 'until'> {
  /** Resolves when it is ready. */
  share(common: Common): Promise<Pick<Wait, 'hold'>>
}
