import type { Wanted } from '../ports.ts'
import type { Look } from './rhythm.ts'

/** A question to one of the ports, and when to put it. */
export type Ask =
  | ({ readonly kind: 'look' } & Look)
  /** What kind of group is it, and how long is its delay? */
  | {
      readonly kind: 'describe'
      readonly group: string
      readonly wanted: readonly Wanted[]
      readonly atMs: number
    }
  /** Which groups is the pod in? */
  | { readonly kind: 'search'; readonly atMs: number }
  /** How many connections do these ports have? */
  | { readonly kind: 'count'; readonly ports: readonly number[]; readonly atMs: number }
  /** Is the pod being deleted, and until when? */
  | { readonly kind: 'pod'; readonly atMs: number }

/** One question of a kind is open at a time; of each group, where it is about a group. */
export function nameOf(ask: Ask): string {
  return 'group' in ask ? `${ask.kind} ${ask.group}` : ask.kind
}
