import type { Board } from './board.ts'

/** What became of the drains of the cluster, as far as they told this lookout. */
export interface Ends {
  /** Under way. */
  readonly running: number
  /** Ended, by outcome; `lost`: no end was told. */
  readonly outcomes: Readonly<Record<EndWord, number>>
  /** Those of them that were a warning. */
  readonly bad: Readonly<Record<EndWord, number>>
}

/** A label has one of a few words: what a newer sidecar may say beside them is `other`. */
export const endWords = [
  'deregistered',
  'idle',
  'settled',
  'unregistered',
  'not-terminating',
  'deadline',
  'fallback',
  'lost',
  'other',
] as const
export type EndWord = (typeof endWords)[number]

const none = Object.fromEntries(endWords.map((word) => [word, 0])) as Record<EndWord, number>

/** Before the first drain: a counter that begins at 1 is no increase to Prometheus. */
export const noEnds: Ends = { running: 0, outcomes: none, bad: none }

/** Counts, from now on, how the drains of a board end. */
export function countEnds(board: Board): () => Ends {
  const outcomes = { ...none }
  const bad = { ...none }
  const counted = new Map<string, number>()
  board.follow((change) => {
    if (change.kind === 'gone') return void counted.delete(change.uid)
    const { pod, end, startedAtMs, told } = change.row
    // The last news of an end may come more than once; another drain of the pod began later.
    if (!end || counted.get(pod.uid) === startedAtMs) return
    counted.set(pod.uid, startedAtMs)
    const said = end.kind === 'lost' ? 'lost' : told.outcome
    const word = endWords.find((one) => one === said) ?? 'other'
    outcomes[word] += 1
    if (told.severity === 'warning') bad[word] += 1
  })
  return () => ({
    running: board.rows().filter(({ end }) => !end).length,
    ...{ outcomes: { ...outcomes }, bad: { ...bad } },
  })
}
