import manifest from '../../../package.json' with { type: 'json' }
import { expose } from '../../telling/metrics/exposition.ts'
import type { Metric } from '../../telling/metrics/metrics.ts'
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
]

function placeOf({ account, region }: BudgetFigures) {
  return { labels: { account, region } }
}

/** A lookout that has asked one account: each series is there, for the reference. */
export const lookoutExample: LookoutMoment = {
  budgets: [
    { account: 'own', region: 'own', callsPerSecond: 0, calls: 0, throttled: 0, waiting: 0 },
  ],
  ...{ questions: noQuestions, refused: 0, waiting: 0, ready: 0 },
}

export function lookoutExposition(moment: LookoutMoment): string {
  return expose(lookoutMetrics, moment)
}
