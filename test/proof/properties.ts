import { unbounded } from './bounded.ts'
import { greedy } from './neighbourly.ts'
import { late } from './prompt.ts'
import { unsafe } from './safe.ts'
import type { Trace } from './trace.ts'
import type { World } from './world.ts'

/** Everything that is wrong with a drain in a world; nothing, if the promise holds. */
export function wrongs(world: World, trace: Trace): string[] {
  return [
    ...unsafe(world, trace),
    ...unbounded(world, trace),
    ...late(world, trace),
    ...greedy(world, trace),
  ]
}
