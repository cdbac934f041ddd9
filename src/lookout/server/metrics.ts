import manifest from '../../../package.json' with { type: 'json' }
import { expose } from '../../telling/metrics/exposition.ts'
import type { Metric, Sample } from '../../telling/metrics/metrics.ts'
import { type Ends, noEnds } from '../board/ends.ts'
import type { BudgetFigures } from '../looking/figures.ts'
import type { Question } from '../wire/questions.ts'

/** What the metrics of a lookout are made of. */
export interface LookoutMoment {
  readonly budgets: readonly BudgetFigures[]
  /** Questions that came, by what they ask. */
  readonly questions: Readonly<Record<Question['kind'] | 'drain', number>>
  readonly refused: number
  /** Who waits for a turn now. */
  readonly waiting: number
  readonly ready: 0 | 1
  /** What the pods have told of their drains. */
  readonly ends: Ends
}

/** Before the first question: a counter that begins at 1 is no increase to Prometheus. */
export const noQuestions: LookoutMoment['questions'] = {
  ...{ look: 0, describe: 0, pod: 0, search: 0, event: 0, drain: 0 },
}

/** Every metric of a lookout, once. */
export const lookoutMetrics: readonly Metric<LookoutMoment>[] = [
  {
    name: 'draingate_lookout_build_info',
    kind: 'gauge',
    help: 'Always 1; the versions of draingate and of Node.js are labels.',
    samples: () => [{ labels: { version: manifest.version, node: process.version }, value: 1 }],
  },
  {
    name: 'draingate_lookout_ready',
    kind: 'gauge',
    help: '1 once it has the keys of the cluster, and the delays of the groups that bindings name.',
    samples: ({ ready }) => [{ value: ready }],
  },
  {
    name: 'draingate_lookout_questions_total',
    kind: 'counter',
    help: 'Questions of pods, by what they ask.',
    samples: ({ questions }) =>
      Object.entries(questions).map(([question, value]) => ({ labels: { question }, value })),
  },
  {
    name: 'draingate_lookout_refused_total',
    kind: 'counter',
    help: 'Questions whose token was refused, or could not be verified.',
    samples: ({ refused }) => [{ value: refused }],
  },
  {
    name: 'draingate_lookout_waiting',
    kind: 'gauge',
    help: 'Questions that wait for their answer now.',
    samples: ({ waiting }) => [{ value: waiting }],
  },
  {
    name: 'draingate_lookout_calls_total',
    kind: 'counter',
    help: 'Calls to the load balancer API, by account and Region; `own` where only the name of a group was known.',
    samples: ({ budgets }) => budgets.map((one) => ({ ...placeOf(one), value: one.calls })),
  },
  {
    name: 'draingate_lookout_throttled_total',
    kind: 'counter',
    help: 'Those of them that AWS refused because there were too many.',
    samples: ({ budgets }) => budgets.map((one) => ({ ...placeOf(one), value: one.throttled })),
  },
  {
    name: 'draingate_lookout_calls_per_second',
    kind: 'gauge',
    help: 'How many it allows itself now: half after each refusal, and step by step more again.',
    samples: ({ budgets }) =>
      budgets.map((one) => ({ ...placeOf(one), value: one.callsPerSecond })),
  },
  {
    name: 'draingate_lookout_drains',
    kind: 'gauge',
    help: 'Drains that are under way. Pods tell every lookout: of several, take the largest, and no sum.',
    samples: ({ ends }) => [{ value: ends.running }],
  },
  {
    name: 'draingate_lookout_drains_total',
    kind: 'counter',
    help: 'Drains that have ended, by outcome; `lost` told no end. All of them, for this outlives the pods.',
    samples: ({ ends }) => byOutcome(ends.outcomes),
  },
  {
    name: 'draingate_lookout_bad_ends_total',
    kind: 'counter',
    help: 'Those of them that were a warning.',
    samples: ({ ends }) => byOutcome(ends.bad),
  },
]

function byOutcome(counts: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(counts).map(([outcome, value]) => ({ labels: { outcome }, value }))
}

function placeOf({ account, region }: BudgetFigures) {
  return { labels: { account, region } }
}

/** A lookout that has asked one account: each series is there, for the reference. */
export const lookoutExample: LookoutMoment = {
  budgets: [
    { account: 'own', region: 'own', callsPerSecond: 0, calls: 0, throttled: 0, waiting: 0 },
  ],
  ...{ questions: noQuestions, refused: 0, waiting: 0, ready: 0, ends: noEnds },
}

export function lookoutExposition(moment: LookoutMoment): string {
  return expose(lookoutMetrics, moment)
}
