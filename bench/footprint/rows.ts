import { figuresOf } from '../world/figures.ts'
import { textTable } from '../world/print.ts'
import type { Point } from './busy.ts'
import type { Quiet } from './quiet.ts'
import type { Memory } from './usage.ts'

/** One program that was left alone, with the times of its starts. */
export interface QuietRow extends Quiet {
  readonly name: string
  readonly readyMs: readonly number[]
}

/** Each of them, the first by the last, and a sleep. */
export function quietTable(
  quiet: readonly QuietRow[],
  slept: Memory | undefined,
  quietMs: number,
): string {
  const rows = quiet.map(({ readyMs, memory, cpuMs }) => [
    figuresOf(readyMs).p50,
    ...bytesOf(memory),
    // As if for a minute.
    ((cpuMs ?? Number.NaN) * 60_000) / quietMs,
  ])
  const [ours = [], bare = []] = [rows[0], rows.at(-1)]
  return textTable([
    ['idle', 'ready ms', 'RSS MiB', 'PSS MiB', 'anonymous MiB', 'CPU ms a minute'],
    ...quiet.map(({ name }, i) => [name, ...cells(rows[i] ?? [])]),
    ['ratio', ...ours.map((value, i) => cell(value / (bare[i] ?? Number.NaN), 2))],
    ['sleep', '-', ...bytesOf(slept).map(mebibytes), '-'],
  ])
}

function cells([readyMs = Number.NaN, ...rest]: readonly number[]): string[] {
  const cpuMs = rest.at(-1) ?? Number.NaN
  return [cell(readyMs, 0), ...rest.slice(0, -1).map(mebibytes), cell(cpuMs, 1)]
}

/** Memory at each point, and how much more is kept than at the first. */
export function pointsTable(points: readonly Point[]): string {
  const isCollected = points.some(({ liveHeap }) => liveHeap !== undefined)
  const first = points[0]?.liveHeap ?? Number.NaN
  const rows = points.map(({ name, memory, liveHeap = Number.NaN }) => [
    name,
    ...bytesOf(memory).map(mebibytes),
    mebibytes(memory?.peak ?? Number.NaN),
    ...(isCollected ? [cell(liveHeap / 2 ** 20, 2), cell((liveHeap - first) / 2 ** 20, 2)] : []),
  ])
  const kept = isCollected ? ['kept', 'kept more'] : []
  return textTable([['MiB', 'RSS', 'PSS', 'anonymous', 'RSS peak', ...kept], ...rows])
}

function bytesOf(memory: Memory | undefined): number[] {
  const { rss, pss, anon } = memory ?? { rss: Number.NaN, pss: Number.NaN, anon: Number.NaN }
  return [rss, pss, anon]
}

function mebibytes(bytes: number): string {
  return cell(bytes / 2 ** 20, 1)
}

function cell(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : '-'
}
