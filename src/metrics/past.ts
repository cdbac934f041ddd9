import type { DrainState } from '../drain/drain.ts'
import { type Figures, figuresOf, noFigures, sumOf } from '../drain/figures.ts'
import type { Outcome } from '../drain/policy.ts'

/** The drains of this process that have ended: a container that restarts has one of its own. */
export interface Past {
  readonly figures: Figures
  readonly outcomes: Readonly<Record<Outcome['kind'], number>>
}

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
}

/** Adds a drain that has ended; one that has not, or that never began, adds nothing. */
export function withDrain(past: Past, drain: DrainState | undefined): Past {
  if (!drain?.end) return past
  const { kind } = drain.end.outcome
  return {
    figures: sumOf(past.figures, figuresOf(drain.progress)),
    outcomes: { ...past.outcomes, [kind]: past.outcomes[kind] + 1 },
  }
}
