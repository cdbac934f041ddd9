import { type GroupProgress, type LooksByAnswer, noLooks, type Progress } from './progress.ts'

/** What the looks of a drain, or of several, came to. */
export interface Figures {
  readonly looks: LooksByAnswer
  /** Calls that AWS refused because there were too many: those of looks and of descriptions. */
  readonly throttled: number
  /** From question to answer, in milliseconds, over all looks. */
  readonly lookingMs: number
}

/** The figures of a drain so far: what was learnt, in all of its groups. */
export function figuresOf({ groups }: Progress): Figures {
  return groups.map(ofGroup).reduce(sumOf, noFigures)
}

/** Those of a drain that has not looked. */
export const noFigures: Figures = { looks: noLooks, throttled: 0, lookingMs: 0 }

export function sumOf(one: Figures, other: Figures): Figures {
  return {
    looks: {
      seen: one.looks.seen + other.looks.seen,
      throttled: one.looks.throttled + other.looks.throttled,
      denied: one.looks.denied + other.looks.denied,
      unreachable: one.looks.unreachable + other.looks.unreachable,
      gone: one.looks.gone + other.looks.gone,
      malformed: one.looks.malformed + other.looks.malformed,
    },
    throttled: one.throttled + other.throttled,
    lookingMs: one.lookingMs + other.lookingMs,
  }
}

/** How many looks were answered, whatever the answer. */
export function looksIn({ looks }: Figures): number {
  return Object.values(looks).reduce((sum, count) => sum + count, 0)
}

function ofGroup({ answers, throttled, lookingMs }: GroupProgress): Figures {
  return { looks: answers, throttled, lookingMs }
}
