import type { DrainPhase } from './stand.ts'
import type { Told } from './told.ts'

/** One pod, as its token names it. */
export interface PodId {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

/** What is remembered of a drain. Times are monotonic milliseconds. */
export interface DrainRow {
  readonly pod: PodId
  /** What it told last. */
  readonly told: Told
  readonly toldAtMs: number
  readonly startedAtMs: number
  /** From when on it was in each phase, in order; the last of them it is in, or ended in. */
  readonly phases: readonly Stretch[]
  readonly deadlineAtMs: number
  readonly expectedAtMs?: number
  readonly end?: RowEnd
}

export interface Stretch {
  readonly phase: DrainPhase
  readonly fromMs: number
}

export interface RowEnd {
  /** `lost`: nothing was heard of it any more, though its time is long up. */
  readonly kind: 'released' | 'lost'
  readonly atMs: number
}

/** A target that flaps must not fill the memory: what it did beyond this is told as one. */
const mostStretches = 16

/** The first news of a drain. */
export function beginRow(pod: PodId, told: Told, now: number): DrainRow {
  const startedAtMs = now - told.heldMs
  const fromMs = Math.max(startedAtMs, now - (told.phaseForMs ?? told.heldMs))
  const before: Stretch[] = fromMs > startedAtMs ? [{ phase: 'unknown', fromMs: startedAtMs }] : []
  const phases = [...before, { phase: told.phase, fromMs }]
  return withNews({ pod, startedAtMs, phases }, told, now)
}

/** More news of it. */
export function nextRow(row: DrainRow, told: Told, now: number): DrainRow {
  const { pod, startedAtMs } = row
  return withNews({ pod, startedAtMs, phases: phasesAfter(row, told, now) }, told, now)
}

function withNews(
  row: Pick<DrainRow, 'pod' | 'startedAtMs' | 'phases'>,
  told: Told,
  now: number,
): DrainRow {
  return {
    ...{ ...row, told, toldAtMs: now, deadlineAtMs: now + told.deadlineInMs },
    ...(told.expectedInMs === undefined ? {} : { expectedAtMs: now + told.expectedInMs }),
    ...(told.state === 'released' ? { end: { kind: 'released', atMs: now } } : {}),
  }
}

function phasesAfter({ phases }: DrainRow, told: Told, now: number): readonly Stretch[] {
  const last = phases.at(-1)
  if (!last || last.phase === told.phase) return phases
  const kept = phases.slice(0, mostStretches - 1)
  const fromMs = Math.max(kept.at(-1)?.fromMs ?? now, now - (told.phaseForMs ?? 0))
  return [...kept, { phase: told.phase, fromMs }]
}

/** How long after its deadline a drain is waited for to tell its end. */
const silenceMs = 60_000

/** The drain that has told nothing for too long. */
export function lostBy(row: DrainRow, now: number): DrainRow | undefined {
  if (row.end || now < Math.max(row.deadlineAtMs, row.toldAtMs) + silenceMs) return undefined
  return { ...row, end: { kind: 'lost', atMs: now } }
}

/**
 * Whether it is news of another drain of the pod: a container that restarts has its hook called as well. What was
 * told before the end and comes after it is no news at all.
 */
export function newsOf(row: DrainRow, told: Told, now: number): 'this' | 'another' | 'none' {
  if (!row.end) return 'this'
  if (now - told.heldMs > row.end.atMs) return 'another'
  return row.end.kind === 'released' && told.state === 'draining' ? 'none' : 'this'
}
