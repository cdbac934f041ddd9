import type { Ask } from '../../src/drain/asks.ts'
import { step } from '../../src/drain/policy.ts'
import { begin, type Fact, type Progress } from '../../src/drain/progress.ts'
import { countReply, describeReply, lookReply, podReply, searchReply } from './answers.ts'
import type { Heard, Held, Trace } from './trace.ts'
import { namedGroups, type World } from './world.ts'

type Step = typeof step

/** No drain of any world takes as many: more is a loop without rest. */
const mostSteps = 20_000
/** Of the loop in `drain.ts`. */
const stretchMs = 1_000
const oversleptMs = 1_000

/**
 * A whole drain without timers and promises: the loop of `createDrain` with time as a number.
 *
 * @param decide The policy, or a broken one.
 * @throws When the policy asks without rest, or holds for nothing.
 */
export function foldDrain(world: World, decide: Step = step): Trace {
  const open = new Map<string, Heard>()
  const puts = new Map<string, number>()
  const asked: { ask: Ask; atMs: number }[] = []
  const heard: Heard[] = []
  const held: Held[] = []
  let progress: Progress = begin(namedGroups(world), 0)
  let facts: Fact[] = []
  const hooks = [...world.hooksMs].sort((a, b) => a - b)
  for (let now = 0, steps = 0; steps < mostSteps; steps++) {
    const [next, verdict] = decide(progress, facts, now, world.limits)
    progress = next
    if (verdict.kind === 'release') {
      return { asked, heard, held, end: { outcome: verdict.outcome, atMs: now } }
    }
    held.push({ atMs: now, untilMs: verdict.untilMs, heard: heard.length })
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
    const [hookMs = Infinity] = hooks
    const dueMs = Math.min(timerMs, answeredMs, hookMs)
    const { atMs, thawed, sleptMs } = wake(world, now, dueMs, timerMs)
    now = atMs
    if (now === Infinity) throw new Error('holds for nothing')
    facts = thawed ? [{ kind: 'thawed', askedAtMs: now, answeredAtMs: now }] : []
    // The timer was due before the answer: it is the first to be heard of after a freeze.
    if (thawed && sleptMs < answeredMs && sleptMs < hookMs) continue
    if (hookMs <= now && hookMs < answeredMs) {
      hooks.shift()
      const joined: Heard = { kind: 'joined', askedAtMs: now, answeredAtMs: now, instantMs: now }
      heard.push(joined)
      facts.push(joined)
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
      const { group, view } = ask
      return { kind: 'looked', group, view, answer, instantMs, ...between(now, latencyMs) }
    }
    case 'describe': {
      const { answer, latencyMs, instantMs } = describeReply(world, ask.group, now, nth)
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
