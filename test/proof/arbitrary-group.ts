import fc from 'fast-check'
import type { Limits } from '../../src/drain/judgement/limits.ts'
import { settleOf } from '../../src/drain/target.ts'
import type { Fault, GroupWorld, Span, TargetWorld, Undescribed } from './world.ts'

/** Whether everything goes by the book, or anything may happen. */
export type Mood = 'calm' | 'troubled'

export const s = 1_000
export const ms = (min: number, max: number) => fc.integer({ min, max })
export const maybe = <T>(arbitrary: fc.Arbitrary<T>, freq = 3) =>
  fc.option(arbitrary, { nil: undefined, freq })

/** Spans in order and apart. */
export function spans(from: fc.Arbitrary<number>, lengths: fc.Arbitrary<number>, most: number) {
  return fc.array(fc.tuple(from, lengths), { maxLength: most }).map((drawn) => {
    let last = -Infinity
    return drawn
      .sort(([a], [b]) => a - b)
      .flatMap(([fromMs, forMs]): Span[] => {
        if (fromMs <= last || forMs === 0) return []
        last = fromMs + forMs
        return [{ fromMs, toMs: last }]
      })
  })
}

/** Registered from before the hook on, or in flight, or never; and until when. */
const firstTime: fc.Arbitrary<Span | undefined> = fc.oneof(
  { weight: 8, arbitrary: ms(-60 * s, 60 * s).map((toMs) => ({ fromMs: -Infinity, toMs })) },
  { weight: 1, arbitrary: fc.constant({ fromMs: -Infinity, toMs: Infinity }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(ms(-5 * s, 20 * s), ms(1, 40 * s))
      .map(([fromMs, forMs]) => ({ fromMs, toMs: fromMs + forMs })),
  },
  { weight: 1, arbitrary: fc.constant(undefined) },
)

/** Registered again: how long after it was deregistered, and for how long. */
const flaps = fc.array(fc.tuple(ms(1, 100 * s), ms(1, 60 * s)), { maxLength: 2 })

function target(mood: Mood): fc.Arbitrary<Omit<TargetWorld, 'port'>> {
  const never = fc.constant([])
  return fc
    .record({
      first: firstTime,
      again: mood === 'troubled' ? flaps : never,
      warmMs: ms(0, 12 * s),
      sick: mood === 'troubled' ? spans(ms(-30 * s, 90 * s), ms(0, 60 * s), 2) : never,
    })
    .map(({ first, again, warmMs, sick }) => {
      const registered: Span[] = first ? [first] : []
      for (const [afterMs, forMs] of again) {
        const before = registered.at(-1)
        if (!before || before.toMs === Infinity) break
        const fromMs = before.toMs + afterMs
        registered.push({ fromMs, toMs: fromMs + forMs })
      }
      return { registered, warmMs, sick }
    })
}

const faultKinds = ['throttled', 'denied', 'unreachable', 'malformed', 'timeout', 'hang'] as const
const faults: fc.Arbitrary<Fault[]> = fc.array(
  fc
    .tuple(
      ms(0, 120 * s),
      fc.oneof(ms(1, 60 * s), ms(60 * s, 900 * s)),
      fc.constantFrom(...faultKinds),
    )
    .map(([fromMs, forMs, kind]) => ({ fromMs, toMs: fromMs + forMs, kind })),
  { maxLength: 2 },
)

export const failureKinds = ['throttled', 'denied', 'unreachable', 'malformed'] as const
const undescribed: fc.Arbitrary<Undescribed[]> = fc.array(
  fc.record({
    untilMs: fc.oneof(ms(1, 60 * s), fc.constant(Infinity)),
    kind: fc.constantFrom(...failureKinds),
    what: fc.constantFrom('everything', 'deregistrationDelayMs', 'loadBalancer'),
  }),
  { maxLength: 2 },
)

/** A group, and how its truth is kept away. */
export function group(mood: Mood, { settleMs }: Limits): fc.Arbitrary<GroupWorld> {
  const none = fc.constant([])
  return fc
    .record({
      loadBalancer: fc.constantFrom('application' as const, 'network' as const, 'gateway' as const),
      targetType: fc.constantFrom('ip', 'ip', 'ip', 'ip', 'ip', 'instance' as const),
      delayMs: fc.oneof(ms(0, 30 * s), ms(0, 600 * s)),
      // Never longer than the settle time: that is what the settle time stands for.
      lag: ms(0, 100).map((percent) => percent / 100),
      first: target(mood),
      second: maybe(target(mood)),
      othersDraining: mood === 'troubled' ? fc.constantFrom(0, 0, 3, 20, 60, 1_000) : ms(0, 4),
      othersSick: mood === 'troubled' ? spans(ms(-30 * s, 90 * s), ms(0, 120 * s), 2) : none,
      lost:
        mood === 'troubled'
          ? maybe(
              fc.record({
                atMs: ms(-30 * s, 120 * s),
                how: fc.constantFrom('detached', 'deleted'),
              }),
              8,
            )
          : fc.constant(undefined),
      faults: mood === 'troubled' ? faults : none,
      lapse: mood === 'troubled' ? maybe(ms(0, 12), 8) : fc.constant(undefined),
      undescribed: mood === 'troubled' ? fc.oneof(none, none, undescribed) : none,
    })
    .map(({ lag, first, second, lost, lapse, ...rest }) => {
      const targets = [{ port: 8080, ...first }, ...(second ? [{ port: 9090, ...second }] : [])]
      // A target that comes back, or recovers, just for the one look that misses it cannot be known of.
      const returns = targets.some(
        ({ registered, sick }) => registered.length > 1 || sick.length > 0,
      )
      return {
        ...rest,
        propagationMs: lag * (settleMs ?? settleOf(rest.loadBalancer)),
        targets,
        ...(lost ? { lost } : {}),
        ...(lapse === undefined || returns ? {} : { lapse }),
      }
    })
}
