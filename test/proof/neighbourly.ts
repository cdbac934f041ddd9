import type { Trace } from './trace.ts'
import { arnOf, isCalm, type World } from './world.ts'

/** Two looks at a group begin no closer than this where nothing fails... */
const closestMs = 500
/** ...but for one that confirms at once that the time is over, and finds it otherwise now and then. */
const flurry = { looks: 4, withinMs: 1_000 }
const prompt: readonly string[] = ['first', 'settling', 'confirming']

/** What makes a drain a bad neighbour: it spends more of the account's API budget than it has to. */
export function greedy(world: World, { asked, ends }: Trace): string[] {
  // Where a lookout keeps the budget, it is no pod's business (test/bench/fleet).
  if (world.limits.looking === 'by-lookout') return []
  const endMs = ends.at(-1)?.atMs ?? 0
  return world.groups.flatMap((group, index) => {
    const looks = asked.flatMap(({ ask, atMs }) =>
      ask.kind === 'look' && ask.group === arnOf(index) ? [{ atMs, pace: ask.pace }] : [],
    )
    const wrong: string[] = []
    const most = isCalm(world) ? mostCalmLooks(endMs) : mostLooks(endMs)
    if (looks.length > most) wrong.push(`${looks.length} looks, not ${most}`)
    for (const [nth, { atMs, pace }] of looks.entries()) {
      const gapMs = atMs - (looks[nth - 1]?.atMs ?? -Infinity)
      if (group.faults.length === 0 && gapMs < closestMs && !prompt.includes(pace)) {
        wrong.push(`looks ${gapMs} apart at ${atMs}, ${pace}`)
      }
      const earlier = looks[nth + 1 - flurry.looks]?.atMs ?? -Infinity
      if (atMs - earlier < flurry.withinMs)
        wrong.push(`${flurry.looks} looks in a flurry at ${atMs}`)
    }
    return wrong.map((what) => `group ${index}: ${what}`)
  })
}

/** Whatever happens: the shortest pause after a failure is 750 ms. */
function mostLooks(heldMs: number): number {
  return 4 + heldMs / 700
}

/** Brisk looks, ever slower; those around the end; and a share of what has been held beyond. */
function mostCalmLooks(heldMs: number): number {
  return 45 + heldMs / 7_500
}
