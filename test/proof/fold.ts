import type { Ask } from '../../src/drain/asks.ts'
import { step } from '../../src/drain/policy.ts'
import { begin, type Fact, type Progress } from '../../src/drain/progress.ts'
import { countReply, describeReply, lookReply, podReply } from './answers.ts'
import type { Heard, Held, Trace } from './trace.ts'
import { arnOf, type World } from './world.ts'

type Step = typeof step

/** No drain of any world takes as many: more is a loop without rest. */
const mostSteps = 20_000

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
  let progress: Progress = begin(
    world.groups.map((_, index) => arnOf(index)),
    0,
  )
  let facts: Fact[] = []
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
    const answered = first && first[1].answeredAtMs <= timerMs ? first : undefined
    now = thaw(world, now, answered ? answered[1].answeredAtMs : timerMs)
    if (now === Infinity) throw new Error('holds for nothing')
    facts = []
    if (answered) {
      const fact = { ...answered[1], answeredAtMs: now }
      open.delete(answered[0])
      heard.push(fact)
      facts.push(fact)
    }
  }
  throw new Error(`no rest: still held after ${mostSteps} steps`)
}

/** When something that is due at `dueMs` really happens: not while the process stands still. */
function thaw({ freezes }: World, now: number, dueMs: number): number {
  const frozen = freezes.find(({ fromMs, toMs }) => fromMs < dueMs && dueMs < toMs)
  return Math.max(now, frozen ? frozen.toMs : dueMs)
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
    case 'pod': {
      const { answer, latencyMs, instantMs } = podReply(world, now, nth)
      return { kind: 'pod', answer, instantMs, ...between(now, latencyMs) }
    }
  }
}

function between(askedAtMs: number, latencyMs: number) {
  return { askedAtMs, answeredAtMs: askedAtMs + latencyMs }
}
