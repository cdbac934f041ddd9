import type { Row } from '../rows.ts'
import {
  fellBack,
  type LookoutStage,
  leave,
  soon,
  stageFor,
  type When,
  wasFollowed,
} from './stage.ts'

/** What goes wrong, and why that does no harm. */
export interface Harmless {
  readonly because: string
  readonly when: When
  readonly what: (stage: LookoutStage) => void | Promise<void>
  /** How much longer it may take; and what the table says of that, if it is not the true end. */
  readonly laterMs?: number
  readonly byWhen?: string
}

/** A row in which the pod is followed all the same. */
export function followed(fault: string, { because, when, what, laterMs, byWhen }: Harmless): Row {
  return {
    fault,
    comesOut: `\`deregistered\`: ${because}`,
    byWhen: byWhen ?? 'at the true end: when no listing has the pod any more',
    async play(t) {
      const stage = await stageFor(t)
      wasFollowed(stage, await leave(stage, when, () => what(stage)), laterMs)
    },
  }
}

/** A row in which nothing can be learnt, from before the hook on. */
export function fallen(fault: string, said: RegExp, what: Harmless['what']): Row {
  return {
    fault,
    comesOut: '`fallback`',
    byWhen: 'at `FALLBACK_SECONDS`, never before',
    async play(t) {
      const stage = await stageFor(t, { env: soon })
      fellBack(stage, await leave(stage, 'before', () => what(stage)), said)
    },
  }
}

/** Where no listing comes any more, but it was seen that the pod drains. */
export const byTime = {
  laterMs: 3_000,
  byWhen: 'three seconds after the latest end of its delay',
} as const
