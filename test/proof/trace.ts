import type { Ask } from '../../src/drain/asks.ts'
import type { DrainEnd } from '../../src/drain/drain.ts'
import type { Limits } from '../../src/drain/limits.ts'
import type { Fact } from '../../src/drain/progress.ts'

/** An answer as it came, and the instant that it tells of. */
export type Heard = Fact & { readonly instantMs: number }

/** What a drain did in a world. */
export interface Trace {
  /** When each question was put. */
  readonly asked: readonly { readonly ask: Ask; readonly atMs: number }[]
  /** What was answered before the end, in order. */
  readonly heard: readonly Heard[]
  readonly end: DrainEnd
  /** The holds before the end; only the fold sees them. */
  readonly held: readonly Held[]
}

export interface Held {
  readonly atMs: number
  readonly untilMs: number
  /** How many answers had come by then. */
  readonly heard: number
}

export const looksIn = (heard: readonly Heard[]) => heard.filter((fact) => fact.kind === 'looked')
export const podsIn = (heard: readonly Heard[]) => heard.filter((fact) => fact.kind === 'pod')

/** When the latest hook came, by then. */
export function joinedAt(heard: readonly Heard[]): number {
  return heard.findLast(({ kind }) => kind === 'joined')?.answeredAtMs ?? 0
}

/** When the time is up, by what the pod last said of itself. */
export function knownDeadline(heard: readonly Heard[], limits: Limits): number {
  const told = podsIn(heard).flatMap(({ answer }) =>
    answer.kind === 'pod' ? answer : (answer.known ?? []),
  )
  const { graceEndsAtMs, graceMs = limits.graceMs } = told.at(-1) ?? {}
  return Math.max(0, (graceEndsAtMs ?? joinedAt(heard) + graceMs) - limits.reserveMs)
}
