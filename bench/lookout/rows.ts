import type { Memory } from '../footprint/usage.ts'
import { figuresOf } from '../world/figures.ts'
import { textTable } from '../world/print.ts'
import type { Told } from './sidecars.ts'
import type { Watched } from './watch.ts'

export interface Crowd {
  readonly idle: Memory | undefined
  readonly after: Memory | undefined
  readonly rows: Readonly<Record<string, { readonly watched: Watched; readonly came: Told }>>
}

/** What drains cost, and how long looks took beyond their wait for a turn. */
export function crowdTable({ idle, after, rows }: Crowd): string {
  const rest = (name: string, memory: Memory | undefined) => [name, ...bytesOf(memory)]
  const head = [
    '',
    'RSS MiB',
    'anonymous',
    'peak',
    'CPU',
    'busiest s',
    'questions/s',
    'most',
    'ms each',
  ]
  const all = Object.entries(rows).map(([name, { watched, came }]) => {
    const { lastedMs, cpuMs, busiest, most, questions, mostQuestions, probeMs } = watched
    const beyond = figuresOf(came.beyondMs)
    return [
      ...rest(name, most),
      ...[cpuMs / lastedMs, busiest].map((share) => cell(share * 100, 0, ' %')),
      cell(questions / (lastedMs / 1_000), 1),
      cell(mostQuestions, 0),
      cell(cpuMs / questions, 2),
      ...[beyond.p50, beyond.p99, beyond.max, probeMs].map((ms) => cell(ms, 0)),
    ]
  })
  const outcomes = Object.entries(rows).map(([name, { came }]) => {
    const told = Object.entries(came.outcomes).map(([kind, count]) => `${kind} ${count}`)
    return `${name}: ${told.join(', ')}`
  })
  return [
    textTable([
      [...head, 'beyond ms p50', 'p99', 'max', 'probe'],
      rest('idle', idle),
      ...all,
      rest('3 s after', after),
    ]),
    ...outcomes,
  ].join('\n')
}

/** What each connection costs that waits. */
export function waitingTable(
  points: readonly { readonly waiting: number; readonly memory: Memory | undefined }[],
): string {
  const [none] = points
  return textTable([
    ['waiting', 'RSS MiB', 'anonymous', 'peak', 'KiB each'],
    ...points.map(({ waiting, memory }) => [
      waiting.toLocaleString('en'),
      ...bytesOf(memory),
      waiting === 0 ? '-' : cell(eachOf(waiting, memory, none?.memory) / 1_024, 1),
    ]),
  ])
}

function eachOf(count: number, memory: Memory | undefined, none: Memory | undefined): number {
  return ((memory?.anon ?? Number.NaN) - (none?.anon ?? Number.NaN)) / count
}

function bytesOf(memory: Memory | undefined): string[] {
  const { rss = Number.NaN, anon = Number.NaN, peak = Number.NaN } = memory ?? {}
  return [rss, anon, peak].map((bytes) => cell(bytes / 1_048_576, 1))
}

function cell(value: number, digits: number, unit = ''): string {
  return Number.isFinite(value) ? `${value.toFixed(digits)}${unit}` : '-'
}
