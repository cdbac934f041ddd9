import type { Hook } from '../../src/drain/judgement/limits.ts'
import { begin, type Fact, type Progress } from '../../src/drain/knowledge/progress.ts'
import { judge, learnAll, type Verdict } from '../../src/drain/policy.ts'
import type { Ask } from '../../src/drain/questions/ask.ts'
import { countReply, describeReply, lookReply, podReply, searchReply } from './answers.ts'
import type { Heard, Held, Released, Trace } from './trace.ts'
import { namedGroups, type World } from './world.ts'

/** The policy: what it learns, and what it decides of a hook. */
export interface Policy {
  readonly learnAll: (progress: Progress, facts: readonly Fact[]) => Progress
  readonly judge: typeof judge
}

/** No drain of any world takes as many: more is a loop without rest. */
const mostSteps = 20_000
/** Of the loop in `loop.ts`. */
const stretchMs = 1_000
const oversleptMs = 1_000
/** Of the queue in `queue.ts`. */
const togetherMs = 100

/**
 * A whole drain without timers and promises: the loop of `createDrain` with time as a number.
 *
 * @param policy The one that ships, or a broken one.
 * @throws When the policy asks without rest, or holds for nothing.
 */
export function foldDrain(world: World, policy: Policy = { learnAll, judge }): Trace {
  const open = new Map<string, Heard>()
  const puts = new Map<string, number>()
  const asked: { ask: Ask; atMs: number }[] = []
  const heard: Heard[] = []
  const held: Held[] = []
  const ends: Released[] = []
  let progress: Progress = begin(namedGroups(world), 0)
  let facts: Fact[] = []
  const coming = [...world.hooksMs].sort((a, b) => a - b)
  const waiting: Hook[] = [{ arrivedAtMs: 0 }]

  /** Releases all that may go; undefined when none is held any more. */
  function decide(now: number): (Verdict & { kind: 'hold' }) | undefined {
    for (let [hook] = waiting; hook; [hook] = waiting) {
      const verdict = policy.judge(progress, hook, now, world.limits, waiting.at(-1))
      if (verdict.kind === 'hold') {
        held.push({ hook, atMs: now, untilMs: verdict.untilMs, heard: heard.length })
        return verdict
      }
      ends.push({ hook, outcome: verdict.outcome, atMs: now, heard: heard.length })
      waiting.shift()
    }
    return undefined
  }

  for (let now = 0, steps = 0; steps < mostSteps; steps++) {
    progress = policy.learnAll(progress, facts)
    const verdict = decide(now)
    if (!verdict) return { asked, heard, held, ends }
    const idle = verdict.asks.filter((ask) => !open.has(nameOf(ask)))
    for (const ask of idle.filter(({ atMs }) => atMs <= now)) {
      const name = nameOf(ask)
      const nth = puts.get(name) ?? 0
      puts.set(name, nth + 1)
      asked.push({ ask, atMs: now })
      open.set(name, reply(world, ask, now, nth))
    }
    const timerMs = Math.min(
      verdict.untilMs,
      ...idle.map(({ atMs }) => atMs).filter((at) => at > now),
    )
    const first = [...open].sort(([, a], [, b]) => a.answeredAtMs - b.answeredAtMs)[0]
    const answeredMs = first?.[1].answeredAtMs ?? Infinity
    const [hookMs = Infinity] = coming
    const dueMs = Math.min(timerMs, answeredMs, hookMs)
    const { atMs, thawed, sleptMs } = wake(world, now, dueMs, timerMs)
    now = atMs
    if (now === Infinity) throw new Error('holds for nothing')
    facts = thawed ? [{ kind: 'thawed', askedAtMs: now, answeredAtMs: now }] : []
    // The timer was due before the answer: it is the first to be heard of after a freeze.
    if (thawed && sleptMs < answeredMs && sleptMs < hookMs) continue
    if (hookMs <= now && hookMs < answeredMs) {
      coming.shift()
      const joined: Heard = { kind: 'joined', askedAtMs: now, answeredAtMs: now, instantMs: now }
      heard.push(joined)
      facts.push(joined)
      // Those who come together are held as one.
      const last = waiting.at(-1)
      if (!last || now - last.arrivedAtMs >= togetherMs) waiting.push({ arrivedAtMs: now })
      continue
    }
    const answered = first && answeredMs <= now ? first : undefined
    if (answered) {
      const fact = { ...answered[1], answeredAtMs: now }
      open.delete(answered[0])
      heard.push(fact)
      facts.push(fact)
    }
  }
  throw new Error(`no rest: still held after ${mostSteps} steps`)
}

/**
 * When the loop wakes that waits for something due at `dueMs`: not while the process stands still,
 * but then, and it notes so when it wakes more than a second late from a sleep of at most a second.
 */
function wake({ freezes }: World, now: number, dueMs: number, timerMs: number) {
  const frozen = freezes.find(({ fromMs, toMs }) => fromMs < dueMs && now < toMs)
  if (!frozen) return { atMs: Math.max(now, dueMs), thawed: false, sleptMs: timerMs }
  const stretchesMs = Math.max(0, Math.floor((frozen.fromMs - now) / stretchMs)) * stretchMs
  const sleptMs = Math.min(timerMs, now + stretchesMs + stretchMs)
  const atMs = Math.min(dueMs, sleptMs) < frozen.toMs ? frozen.toMs : Math.max(now, dueMs)
  return { atMs, thawed: atMs > sleptMs + oversleptMs, sleptMs }
}

export function nameOf(ask: Ask): string {
  return 'group' in ask ? `${ask.kind} ${ask.group}` : ask.kind
}

function reply(world: World, ask: Ask, now: number, nth: number): Heard {
  switch (ask.kind) {
    case 'look': {
      const { answer, latencyMs, instantMs } = lookReply(world, ask, now, nth)
      const { group } = ask
      return { kind: 'looked', group, answer, instantMs, ...between(now, latencyMs) }
    }
    case 'describe': {
      const { answer, latencyMs, instantMs } = describeReply(world, ask, now, nth)
      return { kind: 'described', group: ask.group, answer, instantMs, ...between(now, latencyMs) }
    }
    case 'count': {
      const answer = countReply(world, ask.ports, now)
      return { kind: 'counted', answer, instantMs: now, ...between(now, 0) }
    }
    case 'search': {
      const { answer, latencyMs, instantMs } = searchReply(world, now, nth)
      return { kind: 'searched', answer, instantMs, ...between(now, latencyMs) }
    }
    case 'pod': {
      const { answer, latencyMs, instantMs } = podReply(world, now, nth)
      return { kind: 'pod', answer, instantMs, ...between(now, latencyMs) }
    }
  }
}

function between(askedAtMs: number, latencyMs: number) {
  return { askedAtMs, answeredAtMs: askedAtMs + latencyMs }
}
