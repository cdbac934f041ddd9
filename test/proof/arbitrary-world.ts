import fc from 'fast-check'
import type { Limits } from '../../src/drain/judgement/limits.ts'
import type { Failure, PodSeen } from '../../src/drain/ports.ts'
import { failureKinds, group, type Mood, maybe, ms, s, spans } from './arbitrary-group.ts'
import type { World } from './world.ts'

const limits: fc.Arbitrary<Limits> = fc
  .record({
    graceMs: fc.oneof(
      { weight: 1, arbitrary: ms(0, 120 * s) },
      { weight: 4, arbitrary: ms(300 * s, 1_000 * s) },
    ),
    reserveMs: ms(0, 15 * s),
    fallbackMs: fc.oneof(
      { weight: 1, arbitrary: ms(0, 60 * s) },
      { weight: 4, arbitrary: ms(10 * s, 60 * s) },
    ),
    settleMs: maybe(ms(0, 60 * s)),
    releaseWhen: fc.constantFrom('deregistered' as const, 'idle' as const, 'settled' as const),
    idleMs: ms(0, 10 * s),
    restartMs: ms(5 * s, 20 * s),
    callsPerSecond: fc.constant(5),
    looking: fc.constantFrom('by-itself' as const, 'by-lookout' as const),
    spread: ms(0, 99).map((percent) => percent / 100),
  })
  .map(({ settleMs, ...rest }) => (settleMs === undefined ? rest : { ...rest, settleMs }))

const seen = (deletion: PodSeen['deletion'], graceEndsAtMs?: number): PodSeen =>
  graceEndsAtMs === undefined ? { kind: 'pod', deletion } : { kind: 'pod', deletion, graceEndsAtMs }
const deleting = maybe(fc.oneof(ms(0, 200 * s), ms(200 * s, 1_000 * s)), 2).map((endsAtMs) =>
  seen('deleting', endsAtMs),
)
// The grace period of the probe that failed.
const staying = maybe(ms(5 * s, 60 * s)).map(
  (graceMs): PodSeen => (graceMs === undefined ? seen('staying') : { ...seen('staying'), graceMs }),
)
const words: fc.Arbitrary<PodSeen | Failure['kind']> = fc.oneof(
  fc.constant(seen('cannot-tell')),
  fc.constant(seen('ending')),
  fc.constant({ ...seen('deleting'), ready: false }),
  fc.constant(seen('deleting')),
  deleting,
  staying,
  fc.constantFrom(...failureKinds),
)
const pod = fc
  .tuple(words, fc.array(fc.tuple(ms(1, 120 * s), words), { maxLength: 2 }))
  .map(([first, later]) => [[0, first] as const, ...later.sort(([a], [b]) => a - b)])

function connections(mood: Mood): fc.Arbitrary<World['connections']> {
  const until = fc
    .tuple(fc.constant(0), ms(1, 3))
    .map(([fromMs, count]) => [fromMs, count] as const)
  const quiet = ms(0, 200 * s).map((fromMs) => [fromMs, 0] as const)
  const flicker = fc.array(fc.tuple(ms(0, 200 * s), ms(0, 2)), {
    maxLength: mood === 'troubled' ? 6 : 0,
  })
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant('uncountable' as const) },
    {
      weight: 4,
      arbitrary: fc
        .tuple(until, quiet, flicker)
        .map(([busy, idle, more]) => [busy, ...[idle, ...more].sort(([a], [b]) => a - b)]),
    },
  )
}

/** What the cluster tells: the same all the time, or otherwise once a selector, a label, a Service or a binding changes. */
function search(mood: Mood): fc.Arbitrary<World['search']> {
  const claim = fc.constantFrom('bound' as const, 'bound', 'once-bound', 'possible', 'hidden')
  // Those that are only possible are told of where none is found.
  const claims = fc.array(claim, { minLength: 3, maxLength: 3 }).map((all) => {
    const isFound = all.some((one) => one !== 'possible' && one !== 'hidden')
    return all.map((one) => (isFound && one === 'possible' ? 'hidden' : one))
  })
  const told = fc.record({
    claims,
    fails: maybe(fc.constantFrom(...failureKinds)),
  })
  const odd = fc
    .tuple(told, fc.array(fc.tuple(ms(1, 60 * s), told), { maxLength: 2 }))
    .map(([first, later]) => [[0, first] as const, ...later.sort(([a], [b]) => a - b)])
    .map((all) =>
      all.map(
        ([fromMs, { claims, fails }]) => [fromMs, fails ? { claims, fails } : { claims }] as const,
      ),
    )
  const whole = fc.constant([[0, { claims: ['bound', 'bound', 'bound'] }]] as const)
  return maybe(mood === 'troubled' ? fc.oneof(whole, odd) : whole)
}

function world(mood: Mood): fc.Arbitrary<World> {
  return limits
    .chain((limits) => fc.tuple(search(mood), worldWith(mood, limits)))
    .map(([search, world]) => (search ? { ...world, search } : world))
}

function worldWith(mood: Mood, limits: Limits): fc.Arbitrary<World> {
  return fc.record({
    groups: fc.array(group(mood, limits), { minLength: 1, maxLength: 3 }),
    pod,
    connections: connections(mood),
    limits: fc.constant(limits),
    // Often when it may just be decided that the first one was a restart's.
    // Or from strangers, again and again.
    hooksMs: fc.oneof(
      {
        weight: 3,
        arbitrary: fc.array(fc.oneof(ms(0, 300 * s), ms(5 * s, 24 * s)), { maxLength: 3 }),
      },
      { weight: 1, arbitrary: fc.array(ms(0, 120 * s), { maxLength: 30 }) },
    ),
    freezes:
      mood === 'troubled'
        ? fc.oneof(fc.constant([]), spans(ms(0, 200 * s), ms(0, 120 * s), 2))
        : fc.constant([]),
    latenciesMs: fc.array(fc.oneof(ms(1, 300), ms(1, mood === 'troubled' ? 4 * s : 300)), {
      minLength: 1,
      maxLength: 3,
    }),
    trueAt: fc.constantFrom(0.5, 0, 1),
  })
}

/** Worlds in which everything goes by the book. */
export const calmWorld: fc.Arbitrary<World> = world('calm')

/** Worlds in which anything happens. */
export const troubledWorld: fc.Arbitrary<World> = world('troubled')

export const anyWorld: fc.Arbitrary<World> = fc.oneof(
  { weight: 3, arbitrary: troubledWorld },
  { weight: 1, arbitrary: calmWorld },
)
