import { eventReasons, type PodEvent } from '../../cluster/finding/event.ts'
import { listAt, numberAt, textAt } from '../../cluster/json.ts'
import type { Wanted } from '../../drain/ports.ts'

/** What a sidecar may ask, each a path below `/v1/`. Who asks is told by the token, never by the question. */
export type Question =
  /** What does a listing of this group show of me? */
  | { readonly kind: 'look'; readonly group: string; readonly patienceMs: number }
  | {
      readonly kind: 'describe'
      readonly group: string
      readonly wanted: readonly Wanted[]
      readonly patienceMs: number
    }
  /** What does the API server show of me? */
  | { readonly kind: 'pod' }
  /** Which bindings are about me? */
  | { readonly kind: 'search'; readonly patienceMs: number }
  /** Tell this of me. */
  | { readonly kind: 'event'; readonly event: PodEvent }

/** As long as a question may wait for its turn; longer, and its drain would take it for silence. Milliseconds. */
export const longestPatienceMs = 20_000

/** Reads a question; or what is wrong with it. */
export function readQuestion(kind: string, body: unknown): Question | { readonly wrong: string } {
  const asked = numberAt(body, 'patienceMs') ?? longestPatienceMs
  const patienceMs = Math.max(0, Math.min(asked, longestPatienceMs))
  switch (kind) {
    case 'look': {
      const group = textAt(body, 'group')
      return group ? { kind, group, patienceMs } : { wrong: 'no group' }
    }
    case 'describe': {
      const group = textAt(body, 'group')
      const wanted = (['delay', 'kind'] as const).filter((one) =>
        listAt(body, 'wanted').includes(one),
      )
      return group ? { kind, group, wanted, patienceMs } : { wrong: 'no group' }
    }
    case 'pod':
      return { kind }
    case 'search':
      return { kind, patienceMs }
    case 'event': {
      const reason = eventReasons.find((one) => one === textAt(body, 'reason'))
      const type = textAt(body, 'type') === 'Warning' ? 'Warning' : 'Normal'
      const message = textAt(body, 'message')
      if (!reason || !message) return { wrong: 'no event that is known' }
      return { kind, event: { reason, type, message } }
    }
    default:
      return { wrong: 'no such question' }
  }
}
