import type { DrainState } from './account/state.ts'
import { isDeleted } from './judgement/clear.ts'
import { graceEndOf } from './judgement/limits.ts'
import type { DrainEnd } from './judgement/outcome.ts'
import { type DrainDeps, type Loop, startLoop } from './loop/loop.ts'

/** The one wait of this pod's life. */
export interface Drain {
  /**
   * Starts the drain, or joins it: what is learnt serves all hooks, and each is bounded by its own arrival.
   * Never rejects.
   *
   * An end answers later hooks as well until the grace period is over, where the pod is known to be deleted.
   * Any other hook starts anew: a pod that only left its target groups may be registered again, a container
   * may have been restarted, or somebody may have called who should not have.
   */
  join(): Promise<DrainEnd>
  /** Resolves when the drain is over that `join` would join; undefined when it would start one. */
  joined(): Promise<void> | undefined
  /** The latest drain as it stands; undefined before the first `join`. */
  state(): DrainState | undefined
}

/** A drain that has not begun. */
export function createDrain(deps: DrainDeps): Drain {
  let loop: Loop | undefined
  const current = () => (loop && !isOver(stateOf(loop), deps) ? loop : undefined)
  return {
    join() {
      const joined = current()
      const end = joined && stateOf(joined).end
      if (end) return Promise.resolve(end)
      loop = joined ?? startLoop(deps)
      return loop.join()
    },
    joined: () => current()?.over,
    state: () => loop && stateOf(loop),
  }
}

function stateOf({ queue, progress }: Loop): DrainState {
  const [first, latest] = [queue.first(), queue.latest()]
  return {
    progress: progress(),
    hook: first ?? latest?.hook ?? { arrivedAtMs: progress().startedAtMs },
    ...{ hooks: queue.came(), held: queue.held() },
    ...(latest && !first ? { end: latest } : {}),
  }
}

/** Whether the end of a drain means nothing any more, or never meant that the pod has left. */
function isOver({ progress, hook, end }: DrainState, { clock, limits }: DrainDeps): boolean {
  if (!end) return false
  return !isDeleted(progress) || clock.now() > graceEndOf(hook, progress, limits)
}
