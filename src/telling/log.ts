import { type Logger, type Level as LogLevel, pino } from 'pino'
import type { Change } from '../drain/account/change.ts'
import type { Report } from '../drain/account/report.ts'
import type { Failure, PodSeen } from '../drain/ports.ts'
import { withoutWaiting } from './descriptor.ts'

type Level = LogLevel | 'silent'

/** The log: one JSON line for each thing that happened, to each of these descriptors. */
export function createLog(level: Level, to: readonly number[]): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const streams = to.map((descriptor) => {
    const stream = pino.destination({
      dest: withoutWaiting(descriptor),
      // Written at once: the last lines of a process are the ones that are read at 3 a.m.
      sync: true,
      maxLength: mostUnwritten,
      retryEAGAIN: () => false,
    })
    // A full disk, or a reader that is stuck, must not end or stop the process that holds a hook: the
    // lines wait for room, or are lost.
    stream.on('error', () => undefined)
    return { level, stream }
  })
  return pino(options, pino.multistream(streams))
}

/** Bytes. */
const mostUnwritten = 64 * 1_024

/** Logs what changed in a drain; a release has a closing line of its own. */
export function logChange(log: Logger, change: Exclude<Change, { kind: 'released' }>): void {
  const { level, fields, text } = lineOf(change)
  log[level](fields, text)
}

interface Line {
  readonly level: 'info' | 'warn'
  readonly fields: object
  readonly text: string
}

function lineOf(change: Exclude<Change, { kind: 'released' }>): Line {
  switch (change.kind) {
    case 'phase': {
      const { target, ...seen } = change.sighting
      const fields = { ...target, ...seen, phase: change.phase.kind }
      return { level: 'info', fields, text: `target is ${seen.state}` }
    }
    case 'absent':
      return { level: 'info', fields: groupOf(change), text: 'this pod is not in the target group' }
    case 'pace': {
      const inSeconds = Math.round(change.inMs / 100) / 10
      const fields = { ...groupOf(change), pace: change.pace, inSeconds }
      return { level: 'info', fields, text: 'pace of looks' }
    }
    case 'trouble':
      return { level: 'warn', fields: failureOf(change), text: change.failure.said }
    case 'recovered':
      return { level: 'info', fields: groupOf(change), text: 'looks are answered again' }
    case 'nodes':
      return {
        level: 'warn',
        fields: groupOf(change),
        text: 'the targets of this group are nodes, which nobody deregisters for a pod: holding for the settle time only',
      }
    case 'grace-too-short':
      return { level: 'warn', fields: groupOf(change), text: graceAdvice(change) }
    case 'datagrams':
      return {
        level: 'warn',
        fields: groupOf(change),
        text: 'RELEASE_WHEN=idle: the traffic of this group has no connections to count; waiting for the deregistration delay instead',
      }
    case 'unknown-traffic':
      return {
        level: 'warn',
        fields: groupOf(change),
        text: 'RELEASE_WHEN=idle: whether the traffic of this group has connections is not known; waiting for the deregistration delay instead',
      }
    case 'uncounted':
      return {
        level: 'warn',
        fields: { failure: change.failure.kind },
        text: `${change.failure.said}; waiting for the deregistration delay instead`,
      }
    case 'found': {
      const { groups, possible, more } = change
      if (groups.length > 0)
        return { level: 'info', fields: { groups }, text: 'target groups found' }
      const text = `no TargetGroupBinding is about this pod: looking once at ${possible.length} of its namespace${more > 0 ? `, and not at ${more} more` : ''}`
      return { level: more > 0 ? 'warn' : 'info', fields: { groups: possible }, text }
    }
    case 'unsearched':
      return { level: 'warn', fields: { failure: change.failure.kind }, text: change.failure.said }
    case 'pod': {
      const { deletion } = change.seen
      return { level: 'info', fields: { deletion }, text: deletionText[deletion] }
    }
    case 'pod-unseen':
      return {
        level: 'warn',
        fields: { failure: change.failure.kind },
        text: `${change.failure.said}; the drain goes on without it`,
      }
    case 'unknown-kind': {
      const settle = change.settleMs / 1_000
      const text = `what kind of load balancer it is is not known: it settles like the slowest, ${settle} s; allow elasticloadbalancing:DescribeTargetGroups, or set SETTLE_SECONDS=20 if it is an ALB`
      return { level: 'warn', fields: groupOf(change), text }
    }
    case 'leaving':
      return { level: 'info', fields: {}, text: 'this pod is on its way out: draining' }
    case 'undescribed':
      return {
        level: 'warn',
        fields: failureOf(change),
        text: `${change.failure.said}; the drain goes on without it`,
      }
  }
}

const deletionText: Readonly<Record<PodSeen['deletion'], string>> = {
  deleting: 'the pod is being deleted',
  deleted: 'the pod was deleted by force: its object is gone',
  ending: 'the pod is being ended by its kubelet: its node shuts down, or is short of something',
  staying: 'the pod is not being deleted (yet)',
  'cannot-tell': 'whether the pod is being deleted cannot be told',
}

/** What to do about a grace period that is too short for a delay. */
export function graceAdvice(change: Change & { kind: 'grace-too-short' }): string {
  const [delay, grace, needed] = [change.delayMs, change.graceMs, change.neededMs].map((ms) =>
    Math.ceil(ms / 1_000),
  )
  return `the deregistration delay of ${delay} s does not fit into the grace period of ${grace} s: set terminationGracePeriodSeconds to ${needed}, or lower the delay, or set RELEASE_WHEN=idle`
}

function groupOf({ group }: { group: string }) {
  return { group }
}

function failureOf({ group, failure }: { group: string; failure: Failure }) {
  return { group, failure: failure.kind }
}

/** The closing line of a drain. */
export function logRelease(log: Logger, report: Report): void {
  const { because, severity } = report
  log[severity === 'warning' ? 'warn' : 'info'](
    report,
    `released after ${report.heldSeconds} s: ${because}`,
  )
}

/** Logs that a peer has lost a connection: the first, tenth, hundredth time, for a flood must not flood the log. */
export function logShed(log: Logger, peer: string, times: number): void {
  if (!/^10*$/.test(String(times))) return
  log.warn(
    { peer, times },
    'too many connections: one was ended; only the node should call this port',
  )
}
