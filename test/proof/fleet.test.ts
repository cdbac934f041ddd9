import fc from 'fast-check'
import t from 'tap'
import { everySecond, sleepFor } from '../../bench/world/alternatives.ts'
import type { Wait } from '../../bench/world/wait.ts'
import { crowds, ours, worseThanSleep } from './fleet.ts'

// The same crowds in each run: bench/soak.ts looks for new ones.
const seed = 2_366

t.test('in a crowd nothing is worse than with a sleep of the same length', async () => {
  await fc.assert(
    fc.asyncProperty(crowds, async (crowd) => {
      const wrong = await worseThanSleep(crowd, ours(crowd))
      if (wrong.length > 0) throw new Error(wrong.join('\n'))
    }),
    { numRuns: 60, seed },
  )
})

const broken: [what: string, wait: Wait, wrong: RegExp][] = [
  ['polls', everySecond, /deregistered by/],
  ['is too short', sleepFor(15), /under traffic/],
]
for (const [what, wait, wrong] of broken) {
  t.test(`caught: a wait that ${what}`, async (t) => {
    const caught = await fc.check(
      fc.asyncProperty(crowds, async (crowd) => {
        return !wrong.test((await worseThanSleep(crowd, wait)).join('\n'))
      }),
      { numRuns: 60, seed, endOnFailure: true },
    )
    t.ok(caught.failed)
  })
}
