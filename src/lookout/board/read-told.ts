import type { DrainPhase } from './stand.ts'
import type { Told, ToldTarget } from './told.ts'

/**
 * Reads what a sidecar told. Fields that are not known here are ignored, those of a newer version among them;
 * words that are not known are kept, for people read them. Texts are cut, and lose what a terminal would act
 * on.
 *
 * @returns Undefined for what is no drain.
 */
export function readTold(body: unknown): Told | undefined {
  const fields = recordOf(body)
  const state = (['draining', 'released'] as const).find((one) => one === fields?.state)
  const [heldMs, deadlineInMs] = [timeOf(fields?.heldMs), timeOf(fields?.deadlineInMs)]
  if (!fields || !state || heldMs === undefined || deadlineInMs === undefined) return undefined
  const [phaseForMs, expectedInMs] = [timeOf(fields.phaseForMs), timeOf(fields.expectedInMs)]
  const [because, trouble] = [textOf(fields.because, 600), textOf(fields.trouble, 600)]
  const outcome = textOf(fields.outcome, 40)
  const severity = (['normal', 'warning'] as const).find((one) => one === fields.severity)
  const targets = Array.isArray(fields.targets) ? fields.targets.slice(0, mostTargets) : []
  return {
    ...{ state, releaseWhen: textOf(fields.releaseWhen, 40) ?? '', phase: phaseOf(fields.phase) },
    ...(phaseForMs === undefined ? {} : { phaseForMs }),
    heldMs,
    ...(expectedInMs === undefined ? {} : { expectedInMs }),
    deadlineInMs,
    ...(outcome ? { outcome } : {}),
    ...(because ? { because } : {}),
    ...(severity ? { severity } : {}),
    hooks: countOf(fields.hooks),
    looks: countOf(fields.looks),
    throttled: countOf(fields.throttled),
    targets: targets.flatMap((target) => targetOf(target) ?? []),
    ...(trouble ? { trouble } : {}),
  }
}

const mostTargets = 16
/** No drain is longer: 32 bits of milliseconds are 24 days. */
const longestMs = 2 ** 31

function phaseOf(value: unknown): DrainPhase {
  const phases = ['registered', 'draining', 'gone'] as const
  return phases.find((one) => one === value) ?? 'unknown'
}

function targetOf(value: unknown): ToldTarget | undefined {
  const fields = recordOf(value)
  const [group, id] = [textOf(fields?.group, 300), textOf(fields?.id, 64)]
  if (!fields || !group || !id) return undefined
  const reason = textOf(fields.reason, 80)
  return {
    ...{ group, id, port: Math.min(countOf(fields.port), 65_535) },
    state: textOf(fields.state, 40) ?? '',
    ...(reason ? { reason } : {}),
  }
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isRecord ? (value as Record<string, unknown>) : undefined
}

function timeOf(value: unknown): number | undefined {
  const isTime = typeof value === 'number' && value >= 0 && value <= longestMs
  return isTime ? Math.round(value) : undefined
}

function countOf(value: unknown): number {
  return timeOf(value) ?? 0
}

/** Undefined for what is no text, or none that shows. */
function textOf(value: unknown, most: number): string | undefined {
  if (typeof value !== 'string') return undefined
  // Control characters, and those that turn the direction of what follows.
  const shown = value
    .slice(0, most)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  return shown === '' ? undefined : shown
}
