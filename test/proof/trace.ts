import type { Hook, Limits } from '../../src/drain/judgement/limits.ts'
import type { DrainEnd } from '../../src/drain/judgement/outcome.ts'
import type { Fact } from '../../src/drain/knowledge/progress.ts'
import type { PodSeen } from '../../src/drain/ports.ts'
import type { Ask } from '../../src/drain/questions/ask.ts'

/** An answer as it came, and the instant that it tells of. */
export type Heard = Fact & { readonly instantMs: number }

/** What a drain did in a world. */
export interface Trace {
  /** When each question was put. */
  readonly asked: readonly { readonly ask: Ask; readonly atMs: number }[]
  /** What was answered before the end, in order. */
  readonly heard: readonly Heard[]
  /** How each hook was released, in order. */
  readonly ends: readonly Released[]
  /** The holds before the end; only the fold sees them. */
  readonly held: readonly Held[]
}

export interface Released extends DrainEnd {
  /** How many answers had come by then. */
  readonly heard: number
}

export interface Held {
  readonly hook: Hook
  readonly atMs: number
  readonly untilMs: number
  /** How many answers had come by then. */
  readonly heard: number
}

/** One hook by itself: its release, and all that was known then. */
export interface Case {
  readonly hook: Hook
  readonly end: DrainEnd
  readonly heard: readonly Heard[]
}

export function casesOf({ ends, heard }: Trace): Case[] {
  return ends.map(({ heard: count, ...end }) => ({
    hook: end.hook,
    end,
    heard: heard.slice(0, count),
  }))
}

export const looksIn = (heard: readonly Heard[]) => heard.filter((fact) => fact.kind === 'looked')
export const podsIn = (heard: readonly Heard[]) => heard.filter((fact) => fact.kind === 'pod')

/** What was last told of the pod, by an answer or in spite of a failure. */
export function podSeen(heard: readonly Heard[]): PodSeen | undefined {
  return podsIn(heard)
    .flatMap(({ answer }) => (answer.kind === 'pod' ? answer : (answer.known ?? [])))
    .at(-1)
}

/** The pod is known not to come back. */
export function isDeleted(heard: readonly Heard[]): boolean {
  const deletion = podSeen(heard)?.deletion
  return deletion === 'deleting' || deletion === 'deleted'
}

/**
 * Since when the pod leaves for good, and when that was known: what it showed before may have been a restart's
 * drain.
 */
export function leavingOf(heard: readonly Heard[]) {
  for (const { askedAtMs, answeredAtMs, answer } of podsIn(heard)) {
    const { deletion, deletedAtMs = askedAtMs } =
      (answer.kind === 'pod' ? answer : answer.known) ?? {}
    if (deletion !== undefined && deletion !== 'staying' && deletion !== 'cannot-tell') {
      return { fromMs: Math.min(deletedAtMs, askedAtMs), knownAtMs: answeredAtMs }
    }
  }
  return { fromMs: -Infinity, knownAtMs: -Infinity }
}

/** When a hook's time is up, by what the pod last said of itself. */
export function knownDeadline(hook: Hook, heard: readonly Heard[], limits: Limits): number {
  const { graceEndsAtMs, graceMs = limits.graceMs } = podSeen(heard) ?? {}
  const endsAtMs = graceEndsAtMs ?? hook.arrivedAtMs + graceMs
  return Math.max(hook.arrivedAtMs, endsAtMs - limits.reserveMs)
}
