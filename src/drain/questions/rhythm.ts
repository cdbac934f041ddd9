import type { Chance } from './fleet.ts'

/** Why the next look comes when it comes. */
export type Pace =
  /** At once, or after the controller's head start: nothing is known yet, or what is known has grown old. */
  | 'first'
  /** Every few seconds, until `draining` shows. */
  | 'brisk'
  /** At the earliest moment at which the deregistration delay can be over. */
  | 'asleep'
  /** About each second: the delay may be over at any moment. */
  | 'closing'
  /** After a tenth of the time that it has drained: the end cannot be foretold. */
  | 'steady'
  /** When the settle time is over. */
  | 'settling'
  /** Some seconds after the pod was not found. */
  | 'confirming'
  /** After a pause that grows: the last look failed. */
  | 'failing'

/** The next look at a group. */
export interface Look {
  readonly group: string
  /** Infinity: none. Time alone will prove it, or nothing that a look could show is of use any more. */
  readonly atMs: number
  readonly pace: Pace
}

export type Next = Pick<Look, 'atMs' | 'pace'>

/** What the pace goes by, beside what was seen. */
export interface Rhythm extends Chance {
  /** When the last look was answered. */
  readonly lastMs: number
  /** How long to leave between looks for the neighbours' sake. */
  readonly shareMs: number
  /** Until when `draining` has to show. */
  readonly byMs: number
}

/** Between two looks when the end may be at any moment. */
export const closingMs = 900
