import { type Metric, metrics, type Sample } from './metrics.ts'
import { noDrains } from './past.ts'

// Every series is there from the start.
const start = { past: noDrains, drain: undefined, deadlineMs: undefined, now: 0 }

/** The reference of a sidecar's metrics. */
export function metricsTable(): string {
  return tableOf(metrics, start)
}

/** A reference of metrics as a Markdown table, with the values that each label can have. */
export function tableOf<M>(table: readonly Metric<M>[], moment: M): string {
  const rows = table.map(({ name, kind, help, samples }) => {
    return `| \`${name}\` | ${kind} | ${labelsOf(samples(moment))} | ${help} |`
  })
  return ['| metric | type | labels | meaning |', '|---|---|---|---|', ...rows].join('\n')
}

function labelsOf(samples: readonly Sample[]): string {
  const pairs = samples.flatMap(({ labels = {} }) => Object.entries(labels))
  const words = Map.groupBy(pairs, ([label]) => label)
  return [...words]
    .map(([label, of]) =>
      // One value: a version, which is another one tomorrow.
      of.length === 1 ? `\`${label}\`` : `\`${label}\`: ${of.map(([, word]) => word).join(', ')}`,
    )
    .join('; ')
}
