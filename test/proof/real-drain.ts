import { createDrain, type Drain } from '../../src/drain/drain.ts'
import type { Ports } from '../../src/drain/ports.ts'
import { createVirtualClock, type VirtualClock } from '../support/virtual-clock.ts'
import {
  countReply,
  describeReply,
  lookReply,
  podReply,
  type Reply,
  searchReply,
} from './answers.ts'
import type { Heard, Released, Trace } from './trace.ts'
import { namedGroups, type World } from './world.ts'

export interface RealTrace extends Trace {
  /** Who still sleeps, and which questions are still open, when the drain is over. */
  readonly left: { readonly sleepers: number; readonly questions: number }
}

/** The drain that ships, on a clock that is moved by hand. Its trace has no verdicts. */
export async function realDrain(world: World): Promise<RealTrace> {
  const clock = createVirtualClock()
  const { ports, asked, heard, open } = portsOf(world, clock)
  const ends: Released[] = []
  const drain = createDrain({
    ports,
    clock,
    groups: namedGroups(world),
    limits: world.limits,
    tell: () => undefined,
  })
  const join = () =>
    drain.join().then((end) => {
      // Those who came together have one.
      if (!ends.some(({ hook }) => hook === end.hook)) ends.push({ ...end, heard: heard.length })
    })
  const first = join()
  const hooks = await liveThrough(world, clock, drain, heard, join)
  await clock.runUntil(Promise.all([first, ...hooks]))
  const [heardByThen, askedByThen] = [[...heard], [...asked]]
  // One turn, in which what was given up can come to its end; no time passes.
  await clock.advance(0)
  const left = { sleepers: clock.sleepers(), questions: open.size }
  return { asked: askedByThen, heard: heardByThen, held: [], ends, left }
}

/** Lets the hooks come and the process freeze, each at its time, as long as the drain lasts. */
async function liveThrough(
  { hooksMs, freezes }: World,
  clock: VirtualClock,
  drain: Drain,
  heard: Heard[],
  join: () => Promise<unknown>,
) {
  const joined: Promise<unknown>[] = []
  const come = () => {
    const now = clock.now()
    heard.push({ kind: 'joined', askedAtMs: now, answeredAtMs: now, instantMs: now })
    joined.push(join())
  }
  const hooks = hooksMs.map((atMs) => ({ atMs, happen: come }))
  const stops = freezes.map(({ fromMs, toMs }) => ({
    atMs: fromMs,
    happen: () => clock.freeze(toMs - clock.now()),
  }))
  for (const { atMs, happen } of [...hooks, ...stops].sort((a, b) => a.atMs - b.atMs)) {
    await clock.advance(Math.max(0, atMs - clock.now()))
    if (drain.state()?.end) break
    await happen()
  }
  return joined
}

function portsOf(world: World, clock: VirtualClock) {
  const asked: Trace['asked'][number][] = []
  const heard: Heard[] = []
  const puts = new Map<string, number>()
  const open = new Set<symbol>()

  async function answer<A>(
    name: string,
    signal: AbortSignal,
    replyTo: (askedAtMs: number, nth: number) => Reply<A>,
    factOf: (answer: A) => object,
  ): Promise<A> {
    const question = Symbol(name)
    open.add(question)
    const askedAtMs = clock.now()
    const nth = puts.get(name) ?? 0
    puts.set(name, nth + 1)
    const { answer, latencyMs, instantMs } = replyTo(askedAtMs, nth)
    await clock.sleepUntil(askedAtMs + latencyMs, signal)
    open.delete(question)
    const times = { askedAtMs, answeredAtMs: clock.now(), instantMs }
    if (!signal.aborted) heard.push({ ...factOf(answer), ...times } as Heard)
    return answer
  }

  const ports: Ports = {
    balancer: {
      look(group, signal) {
        const ask = { kind: 'look', group, atMs: clock.now(), pace: 'first' } as const
        asked.push({ ask, atMs: clock.now() })
        return answer(
          `look ${group}`,
          signal,
          (atMs, nth) => lookReply(world, ask, atMs, nth),
          (answer) => ({ kind: 'looked', group, answer }),
        )
      },
      describe: (group, wanted, signal) =>
        answer(
          `describe ${group}`,
          signal,
          (atMs, nth) => describeReply(world, { group, wanted }, atMs, nth),
          (answer) => ({ kind: 'described', group, answer }),
        ),
    },
    connections: {
      async count(ports) {
        const counted = countReply(world, ports, clock.now())
        const now = clock.now()
        heard.push({
          kind: 'counted',
          answer: counted,
          askedAtMs: now,
          answeredAtMs: now,
          instantMs: now,
        })
        return counted
      },
    },
    search: {
      find: (signal) =>
        answer(
          'search',
          signal,
          (atMs, nth) => searchReply(world, atMs, nth),
          (answer) => ({ kind: 'searched', answer }),
        ),
    },
    pod: {
      look: (signal) =>
        answer(
          'pod',
          signal,
          (atMs, nth) => podReply(world, atMs, nth),
          (answer) => ({ kind: 'pod', answer }),
        ),
    },
  }
  return { ports, asked, heard, open }
}
