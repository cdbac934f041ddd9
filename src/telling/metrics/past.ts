import type { Change } from '../../drain/account/change.ts'
import type { DrainState } from '../../drain/account/state.ts'
import type { Outcome } from '../../drain/judgement/outcome.ts'
import { severityOf } from '../../drain/judgement/severity.ts'
import { type Figures, figuresOf, noFigures, sumOf } from '../../drain/knowledge/figures.ts'

/** The drains of this process that have ended: a container that restarts has one of its own. */
export interface Past {
  readonly figures: Figures
  /** Hooks of one drain that are released apart count apart. */
  readonly outcomes: Readonly<Record<Outcome['kind'], number>>
  /** Those of them that were a warning. */
  readonly warnings: Readonly<Record<BadEnd, number>>
}

type BadEnd = Extract<Outcome['kind'], 'unregistered' | 'deadline' | 'fallback'>

/** Before the first drain. Every outcome is there: a counter that begins at 1 is no increase to Prometheus. */
export const noDrains: Past = {
  figures: noFigures,
  outcomes: {
    deregistered: 0,
    idle: 0,
    settled: 0,
    unregistered: 0,
    'not-terminating': 0,
    deadline: 0,
    fallback: 0,
  },
  warnings: { unregistered: 0, deadline: 0, fallback: 0 },
}

/** Adds what a drain came to that has ended; one that has not, or that never began, adds nothing. */
export function withDrain(past: Past, drain: DrainState | undefined): Past {
  if (!drain?.end) return past
  return { ...past, figures: sumOf(past.figures, figuresOf(drain.progress)) }
}

/** Adds hooks that were released together. */
export function withRelease(
  past: Past,
  { end: { outcome } }: Change & { kind: 'released' },
  drain: DrainState | undefined,
): Past {
  const { kind } = outcome
  const { outcomes, warnings } = past
  const isBad = drain && severityOf(outcome, drain.progress) === 'warning' && isBadEnd(kind)
  return {
    ...past,
    outcomes: { ...outcomes, [kind]: outcomes[kind] + 1 },
    warnings: isBad ? { ...warnings, [kind]: warnings[kind] + 1 } : warnings,
  }
}

function isBadEnd(kind: Outcome['kind']): kind is BadEnd {
  return Object.hasOwn(noDrains.warnings, kind)
}
