import type { Failure } from '../alb/forward.ts'
import type { PodEvent } from '../kubelet/spec.ts'
import { type Sample, succeeded } from '../load/load.ts'

/** A stretch of time in which the load balancer showed one state of a target. */
export interface StateSpan {
  readonly state: string
  readonly fromMs: number
  readonly toMs: number
}

/** One pod's way out. Times from the start of the scenario's rolling update. */
export interface PodStory {
  readonly pod: string
  readonly ip: string
  readonly startedMs: number
  readonly endedMs: number
  readonly deletedMs?: number
  readonly hookMs?: { readonly from: number; readonly to: number }
  readonly sigtermMs?: number
  readonly states: readonly StateSpan[]
  /** When requests failed that the load balancer had sent to this pod. */
  readonly failedMs: readonly number[]
}

/** All that happened in one rolling update. */
export interface Record {
  readonly name: string
  readonly samples: readonly Sample[]
  readonly events: readonly PodEvent[]
  readonly failures: readonly Failure[]
  /** What the load balancer showed, look by look, by pod IP. */
  readonly sightings: readonly { atMs: number; ip: string; state: string }[]
  readonly startedMs: number
  /** When the last old pod was gone. */
  readonly goneMs: number
}

/** The figures of one rolling update. */
export interface Figures {
  readonly name: string
  readonly requests: number
  /** Requests that were answered 5xx, or not at all. */
  readonly failed: number
  /** From a pod's deletion to its end, in seconds: mean and longest. */
  readonly podSeconds: number
  readonly longestPodSeconds: number
  /** From the start of the update to the end of the last old pod. */
  readonly seconds: number
}

export function figuresOf(record: Record): Figures {
  const took = storiesOf(record).flatMap(({ deletedMs, endedMs }) =>
    deletedMs === undefined ? [] : [(endedMs - deletedMs) / 1_000],
  )
  return {
    name: record.name,
    requests: record.samples.length,
    failed: record.samples.filter((sample) => !succeeded(sample)).length,
    podSeconds: took.reduce((sum, seconds) => sum + seconds, 0) / Math.max(1, took.length),
    longestPodSeconds: Math.max(0, ...took),
    seconds: (record.goneMs - record.startedMs) / 1_000,
  }
}

/** Each pod's story, in the order in which they were started. */
export function storiesOf(record: Record): PodStory[] {
  const pods = [...new Set(record.events.map(({ pod }) => pod))]
  return pods.map((pod) =>
    storyOf(
      record,
      record.events.filter((event) => event.pod === pod),
    ),
  )
}

function storyOf(record: Record, events: readonly PodEvent[]): PodStory {
  const { startedMs, goneMs } = record
  const at = (kind: PodEvent['kind'], container?: string) =>
    events.find((event) => event.kind === kind && (!container || event.container === container))
      ?.atMs
  const [{ pod = '', ip = '' } = {}] = events
  const deletedMs = at('deleted')
  const hookFrom = at('hook-started')
  const hookTo = at('hook-ended') ?? at('hook-failed')
  const sigtermMs = at('sigterm', 'app')
  const endedMs = at('ended') ?? goneMs
  const hook =
    hookFrom === undefined || hookTo === undefined
      ? {}
      : { hookMs: { from: hookFrom - startedMs, to: hookTo - startedMs } }
  return {
    ...{ pod, ip, ...hook },
    startedMs: (at('started') ?? startedMs) - startedMs,
    endedMs: endedMs - startedMs,
    ...(deletedMs === undefined ? {} : { deletedMs: deletedMs - startedMs }),
    ...(sigtermMs === undefined ? {} : { sigtermMs: sigtermMs - startedMs }),
    states: spansOf(record, ip),
    failedMs: record.failures
      .filter(({ podIp }) => podIp === ip)
      .map(({ atMs }) => atMs - startedMs),
  }
}

function spansOf({ sightings, startedMs }: Record, ip: string): StateSpan[] {
  const spans: StateSpan[] = []
  for (const sighting of sightings) {
    if (sighting.ip !== ip) continue
    const atMs = sighting.atMs - startedMs
    const last = spans.at(-1)
    if (last) spans[spans.length - 1] = { ...last, toMs: atMs }
    if (last?.state !== sighting.state)
      spans.push({ state: sighting.state, fromMs: atMs, toMs: atMs })
  }
  return spans
}
