import { at, isRecord, numberAt, textAt } from '../../cluster/json.ts'
import type { Described, Failure, Seen } from '../../drain/ports.ts'
import type { GroupFacts, Sighting } from '../../drain/target.ts'

/** The body of an answer. */
export interface Reply<A> {
  /** For how long the question waited before AWS or the API server was asked, in milliseconds. */
  readonly waitedMs?: number
  readonly answer: A
}

/** What a body says instead of an answer: another lookout may have one. */
export interface Refused {
  readonly error: string
  /** One line for a person. */
  readonly said: string
}

const failures = ['throttled', 'denied', 'unreachable', 'gone', 'malformed'] as const

/** Reads a failure; undefined when it is none. One of a kind that is not known here is an answer that is none. */
export function readFailure(body: unknown): Failure | undefined {
  const said = textAt(body, 'said')
  if (!said) return undefined
  return { kind: failures.find((one) => one === textAt(body, 'kind')) ?? 'malformed', said }
}

/** Reads what a listing showed; undefined when it is none. A state that is not known here is kept as it came. */
export function readSeen(body: unknown, group: string): Seen | undefined {
  const sightings = at(body, 'sightings')
  if (textAt(body, 'kind') !== 'seen' || !Array.isArray(sightings)) return undefined
  const read = sightings.map((one) => readSighting(one, group))
  const whole = read.filter((one) => one !== undefined)
  if (whole.length < read.length) return undefined
  const type = textAt(body, 'targetType')
  return {
    ...{ kind: 'seen', sightings: whole, othersDraining: numberAt(body, 'othersDraining') ?? 0 },
    group: textAt(body, 'group') === 'serving' ? 'serving' : 'failing-open',
    ...(type === 'ip' || type === 'instance' ? { targetType: type } : {}),
  }
}

function readSighting(body: unknown, group: string): Sighting | undefined {
  const [id, state] = [textAt(body, 'target', 'id'), textAt(body, 'state')]
  const port = numberAt(body, 'target', 'port')
  if (!id || port === undefined || !state) return undefined
  const [zone, reason] = [textAt(body, 'target', 'zone'), textAt(body, 'reason')]
  const target = { group, id, port, ...(zone ? { zone } : {}) }
  return { target, state, ...(reason ? { reason } : {}) }
}

/** Reads what is known of a group, and why the rest is not; undefined when it is nothing of the kind. */
export function readDescribed(body: unknown): Described | undefined {
  const facts = readFacts(at(body, 'facts'))
  const missing = readFailures(at(body, 'missing'))
  if (textAt(body, 'kind') !== 'described' || !facts || !missing) return undefined
  return { kind: 'described', facts, missing }
}

/** Reads a list of failures; undefined when it is none, or not whole. */
export function readFailures(list: unknown): Failure[] | undefined {
  if (!Array.isArray(list)) return undefined
  const read = list.flatMap((one) => readFailure(one) ?? [])
  return read.length < list.length ? undefined : read
}

function readFacts(body: unknown): GroupFacts | undefined {
  if (!isRecord(body)) return undefined
  const { deregistrationDelayMs: told } = body
  const delayMs = numberAt(body, 'deregistrationDelayMs')
  // Of a delay that is none the end would be over, and a release by time too early.
  if (told !== undefined && (delayMs === undefined || delayMs < 0)) return undefined
  const pick = <T extends string>(name: string, ...words: T[]) =>
    words.find((word) => word === textAt(body, name))
  const loadBalancer = pick('loadBalancer', 'application', 'network', 'gateway')
  const traffic = pick('traffic', 'connections', 'datagrams')
  const targetType = pick('targetType', 'ip', 'instance')
  return {
    ...(delayMs === undefined ? {} : { deregistrationDelayMs: delayMs }),
    ...(loadBalancer ? { loadBalancer } : {}),
    ...(traffic ? { traffic } : {}),
    ...(targetType ? { targetType } : {}),
  }
}
