import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import t from 'tap'
import { anyWorld } from './arbitrary-world.ts'
import { foldDrain } from './fold.ts'
import { wrongs } from './properties.ts'
import { realDrain } from './real-drain.ts'
import type { Trace } from './trace.ts'
import type { World } from './world.ts'

const looks = ({ asked }: Trace) =>
  asked.flatMap(({ ask, atMs }) => (ask.kind === 'look' ? [{ atMs, group: ask.group }] : []))

const timesOf = ({ ends }: Trace) => ends.map(({ heard: _heard, ...end }) => end)

/** Also that the fold, which has no promises, shows what the real drain does. */
async function holds(world: World): Promise<void> {
  const real = await realDrain(world)
  const folded = foldDrain(world)
  // The pace of a look, and how long each hold was to last, are known to the fold alone.
  const wrong = wrongs(world, { ...real, asked: folded.asked })
  // What a process hears first that thaws at the very millisecond of its deadline is chance.
  const ends = [...real.ends, ...folded.ends]
  if (!world.freezes.some(({ toMs }) => ends.some(({ atMs }) => atMs === toMs))) {
    if (!isDeepStrictEqual(timesOf(real), timesOf(folded))) wrong.push('the fold ends otherwise')
    if (!isDeepStrictEqual(looks(real), looks(folded))) wrong.push('the fold looks otherwise')
  }
  const { sleepers, questions } = real.left
  if (sleepers + questions > 0) wrong.push(`left: ${sleepers} asleep, ${questions} unanswered`)
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
}

t.test('the drain that ships keeps the promise, and leaves nothing behind', async () => {
  // Of those with a lookout two things fall on one millisecond now and then, which have no order: they are the fold's.
  const worlds = anyWorld.map(
    (world): World => ({ ...world, limits: { ...world.limits, looking: 'by-itself' } }),
  )
  await fc.assert(fc.asyncProperty(worlds, holds), { numRuns: 400, seed: 2_366 })
})
