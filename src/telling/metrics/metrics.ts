import manifest from '../../../package.json' with { type: 'json' }
import { heldMs } from '../../drain/account/report.ts'
import type { DrainState } from '../../drain/account/state.ts'
import { figuresOf, sumOf } from '../../drain/knowledge/figures.ts'
import type { Phase } from '../../drain/target.ts'
import type { Past } from './past.ts'

/** What the metrics are made of. */
export interface Moment {
  readonly past: Past
  /** The latest drain; when it has ended, it is in `past` as well. */
  readonly drain: DrainState | undefined
  /** When its time is up, in monotonic milliseconds. */
  readonly deadlineMs: number | undefined
  /** Monotonic milliseconds. */
  readonly now: number
}

export interface Metric<M> {
  /** By Prometheus' conventions: base units, `_total` for what is only ever counted up. */
  readonly name: string
  readonly kind: 'gauge' | 'counter'
  readonly help: string
  /** The value of a label is one of a few words, never a name from outside. */
  readonly samples: (moment: M) => readonly Sample[]
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

/** Every metric, once: the exposition and the table in docs/metrics.md are made from it. */
export const metrics: readonly Metric<Moment>[] = [
  {
    name: 'draingate_build_info',
    kind: 'gauge',
    help: 'Always 1; the versions of draingate and of Node.js are labels.',
    samples: () => [{ labels: { version: manifest.version, node: process.version }, value: 1 }],
  },
  {
    name: 'draingate_drain_in_progress',
    kind: 'gauge',
    help: '1 while a drain holds its hooks.',
    samples: ({ drain }) => [{ value: running(drain) ? 1 : 0 }],
  },
  {
    name: 'draingate_phase',
    kind: 'gauge',
    help: 'The phase of the latest drain is 1: that of the target that is furthest behind. None before a target was seen.',
    samples: ({ drain }) => byLabel('phase', phases(drain)),
  },
  {
    name: 'draingate_held_seconds',
    kind: 'gauge',
    help: 'How long the latest drain has held the hook that came first of those that are held; or the last, when none is.',
    samples: ({ drain, now }) => [{ value: drain ? heldMs(drain, now) / 1_000 : 0 }],
  },
  {
    name: 'draingate_deadline_seconds',
    kind: 'gauge',
    help: 'How long the latest drain may hold at the most: the grace period less the reserve.',
    samples: ({ drain, deadlineMs }) => [{ value: allowedMs(drain, deadlineMs) / 1_000 }],
  },
  {
    name: 'draingate_hooks_held',
    kind: 'gauge',
    help: 'Hooks that wait for the drain in progress, those included whose callers have hung up.',
    samples: ({ drain }) => [{ value: drain?.held ?? 0 }],
  },
  {
    name: 'draingate_drains_total',
    kind: 'counter',
    help: 'Drains that have ended, by outcome. Hooks of one drain that are released apart count apart.',
    samples: ({ past }) => byLabel('outcome', past.outcomes),
  },
  {
    name: 'draingate_bad_ends_total',
    kind: 'counter',
    help: 'Those of them that were a warning; `unregistered` of a pod that was ready.',
    samples: ({ past }) => byLabel('outcome', past.warnings),
  },
  {
    name: 'draingate_looks_total',
    kind: 'counter',
    help: 'Looks at target groups that were answered, by answer: seen, or what went wrong.',
    samples: (moment) => byLabel('result', figures(moment).looks),
  },
  {
    name: 'draingate_throttled_total',
    kind: 'counter',
    help: 'Calls that AWS refused because there were too many, of looks and of questions about a group.',
    samples: (moment) => [{ value: figures(moment).throttled }],
  },
  {
    name: 'draingate_api_seconds_total',
    kind: 'counter',
    help: 'How long looks took, from question to answer. Divided by the looks: the time of one.',
    samples: (moment) => [{ value: Math.round(figures(moment).lookingMs) / 1_000 }],
  },
]

function running(drain: DrainState | undefined): DrainState | undefined {
  return drain?.end ? undefined : drain
}

/** The counters go on over several drains. */
function figures({ past, drain }: Moment) {
  const current = running(drain)
  return current ? sumOf(past.figures, figuresOf(current.progress)) : past.figures
}

function phases(drain: DrainState | undefined): Readonly<Record<Phase['kind'], number>> {
  const targets = drain?.progress.groups.flatMap((group) => group.targets) ?? []
  const seen = new Set(targets.map(({ phase }) => phase.kind))
  const behind = (['registered', 'draining', 'gone'] as const).find((phase) => seen.has(phase))
  const is = (phase: Phase['kind']) => (phase === behind ? 1 : 0)
  return { registered: is('registered'), draining: is('draining'), gone: is('gone') }
}

function allowedMs(drain: DrainState | undefined, deadlineMs: number | undefined): number {
  if (!drain || deadlineMs === undefined) return 0
  return Math.round(deadlineMs - drain.hook.arrivedAtMs)
}

function byLabel(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([word, value]) => ({ labels: { [label]: word }, value }))
}
