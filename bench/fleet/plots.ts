import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describeBucket } from '../../lab/elbv2/bucket.ts'
import { type Chart, chartSvg, type Series } from '../plot/svg.ts'
import type { Call } from '../world/account.ts'
import type { FleetEnd } from './fleet.ts'

/** A fleet's end with the name of the wait that made it. */
export interface Named {
  readonly name: string
  readonly end: FleetEnd
}

/** Draws the calls and the releases of a fleet into a folder; says which files. */
export async function writePlots(folder: string, ends: readonly Named[]): Promise<string[]> {
  const charts = { 'fleet-calls.svg': callsChart(ends), 'fleet-releases.svg': releasesChart(ends) }
  const files: string[] = []
  for (const [name, chart] of Object.entries(charts)) {
    const file = join(folder, name)
    await writeFile(file, chartSvg(chart))
    files.push(file)
  }
  return files
}

/** How many calls a second the pods make, over time. */
export function callsChart(ends: readonly Named[]): Chart {
  const pods = ends[0]?.end.pods.length ?? 0
  return {
    title: `Describe calls a second of ${pods.toLocaleString('en')} pods deleted within 10 s`,
    description: `Calls of all pods together, those that were throttled too, for each way of waiting, beside the ${describeBucket.perSecond} a second that AWS grants to the whole account.`,
    xLabel: 'seconds since the first deletion',
    yLabel: 'calls a second, mean of 5 s',
    yScale: 'log',
    series: ends
      .filter(({ end }) => end.podCalls.length > 0)
      .map(({ name, end }) => ({ name, points: rate(end.podCalls) })),
    level: { y: describeBucket.perSecond, name: 'granted to the account' },
  }
}

const binMs = 5_000

function rate(calls: readonly Call[]): Series['points'] {
  const bins: number[] = []
  for (const { atMs } of calls) {
    const bin = Math.floor(atMs / binMs)
    bins[bin] = (bins[bin] ?? 0) + 1
  }
  // An array that has holes: a quiet time is a zero.
  return Array.from(bins, (count = 0, bin) => {
    const fromSeconds = (bin * binMs) / 1_000
    const perSecond = count / (binMs / 1_000)
    return [
      [fromSeconds, perSecond],
      [fromSeconds + binMs / 1_000, perSecond],
    ] as const
  }).flat()
}

/** How many pods have been released, over time. */
export function releasesChart(ends: readonly Named[]): Chart {
  const first = ends[0]
  const pods = first?.end.pods.length ?? 0
  const trueEnds = first?.end.pods.map(({ releasedMs, lagMs }) => releasedMs - lagMs) ?? []
  return {
    title: `Releases of ${pods.toLocaleString('en')} pods deleted within 10 s`,
    description: `Pods released by an instant, for each way of waiting, beside the pods of ${first?.name} whose deregistration delay was over by then.`,
    xLabel: 'seconds since the first deletion',
    yLabel: 'pods released',
    yScale: 'linear',
    series: [
      ...ends.map(({ name, end }) => ({
        name,
        points: sumOf(end.pods.map(({ releasedMs }) => releasedMs)),
      })),
      { name: 'delay over', points: sumOf(trueEnds) },
    ],
  }
}

/** How many were before each instant, at a hundred instants at most. */
function sumOf(timesMs: readonly number[]): Series['points'] {
  const sorted = Float64Array.from(timesMs).sort()
  const every = Math.max(1, Math.floor(sorted.length / 100))
  const points: [number, number][] = [[0, 0]]
  for (const [i, atMs] of sorted.entries()) {
    if (i === 0) points.push([atMs / 1_000, 0])
    if ((i + 1) % every === 0 || i === sorted.length - 1) points.push([atMs / 1_000, i + 1])
  }
  return points
}
