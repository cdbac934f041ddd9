import { type Metric, type Moment, metrics, type Sample } from './metrics.ts'

/**
 * All metrics in Prometheus' text format, version 0.0.4 (prometheus.io, "Exposition formats"). Written
 * by hand: prom-client costs an idle sidecar about 2 MiB, for a dozen lines of text.
 */
export function exposition(moment: Moment): string {
  return expose(metrics, moment)
}

/** The same for any table of metrics. */
export function expose<M>(table: readonly Metric<M>[], moment: M): string {
  const lines = table.flatMap(({ name, kind, help, samples }) => [
    `# HELP ${name} ${escaped(help)}`,
    `# TYPE ${name} ${kind}`,
    ...samples(moment).map((sample) => lineOf(name, sample)),
  ])
  return lines.map((line) => `${line}\n`).join('')
}

function lineOf(name: string, { labels = {}, value }: Sample): string {
  const pairs = Object.entries(labels).map(
    ([label, word]) => `${label}="${escaped(word).replaceAll('"', '\\"')}"`,
  )
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${number(value)}`
}

/** A help text may have quotes; nothing may have a line break or a single backslash. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

/** As Go's ParseFloat takes it. */
function number(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value)
  return value > 0 ? '+Inf' : '-Inf'
}
