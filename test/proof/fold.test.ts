import fc from 'fast-check'
import t from 'tap'
import { anyWorld, calmWorld } from './arbitrary-world.ts'
import { foldDrain } from './fold.ts'
import { wrongs } from './properties.ts'
import type { World } from './world.ts'

// The same worlds in each run: bench/soak.ts looks for new ones.
const seed = 2_366

function holds(world: World): void {
  const wrong = wrongs(world, foldDrain(world))
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
}

t.test('the promise holds whatever happens', async () => {
  fc.assert(fc.property(anyWorld, holds), { numRuns: 2_500, seed })
})

t.test('the promise holds when all goes by the book, and the release is prompt', async () => {
  fc.assert(fc.property(calmWorld, holds), { numRuns: 1_500, seed })
})
