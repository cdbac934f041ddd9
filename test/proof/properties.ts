import { heldTooLong, unbounded } from './bounded.ts'
import { greedy } from './neighbourly.ts'
import { late } from './prompt.ts'
import { unsafe } from './safe.ts'
import { casesOf, type Trace } from './trace.ts'
import type { World } from './world.ts'

/** Everything that is wrong with a drain in a world, for each hook by itself; nothing, if the promise holds. */
export function wrongs(world: World, trace: Trace): string[] {
  const wrong = casesOf(trace).flatMap((one, nth) =>
    [...unsafe(world, one), ...unbounded(world, one), ...late(world, one)].map(
      (what) => `hook ${nth} (${one.end.outcome.kind} at ${one.end.atMs}): ${what}`,
    ),
  )
  return [...wrong, ...heldTooLong(world, trace), ...greedy(world, trace)]
}
