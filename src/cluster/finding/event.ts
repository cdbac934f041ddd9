import type { Request } from '../api/request.ts'
import type { PodObject } from '../objects/pod.ts'

/** What `kubectl describe pod` shows of a drain. */
export interface PodEvent {
  readonly reason: EventReason
  readonly type: 'Normal' | 'Warning'
  readonly message: string
}

export const eventReasons = [
  'DrainStarted',
  'Drained',
  'DrainDeadlineExceeded',
  'DrainFallback',
  'DrainUnregistered',
  'MisconfiguredGracePeriod',
] as const
export type EventReason = (typeof eventReasons)[number]

/** Whose event it is; the node and the uid where they are known. */
type Subject = Pick<PodObject, 'namespace' | 'name'> & Partial<Pick<PodObject, 'uid' | 'node'>>

/** The API server refuses longer ones (k8s.io/api, core/v1 Event validation). */
const longestMessage = 1_024

/**
 * The request that tells an event of a pod.
 *
 * @param now The time of day, in RFC 3339.
 */
export function eventRequest(
  { reason, type, message }: PodEvent,
  of: Subject,
  now: string,
): Request {
  const { namespace, name, uid, node } = of
  return {
    ...{ verb: 'create', group: '', version: 'v1', namespace, resource: 'events' },
    body: {
      ...{ apiVersion: 'v1', kind: 'Event' },
      metadata: { generateName: `${name}.`, namespace },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, ...(uid ? { uid } : {}) },
      ...{ reason, type, message: shortened(message) },
      // To the second: metav1.Time takes no more.
      firstTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      lastTimestamp: now.replace(/\.\d+Z$/, 'Z'),
      count: 1,
      source: { component: 'draingate', ...(node ? { host: node } : {}) },
      ...{ reportingComponent: 'draingate', reportingInstance: name },
    },
  }
}

function shortened(message: string): string {
  return message.length > longestMessage ? `${message.slice(0, longestMessage - 1)}…` : message
}
