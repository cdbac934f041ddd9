import { setCondition } from '../kubernetes/condition.ts'
import type {
  Condition,
  Container,
  ContainerState,
  ContainerStatus,
  Pod as PodObject,
  PodStatus,
} from '../kubernetes/objects.ts'
import { timestampOf } from '../kubernetes/timestamp.ts'
import type { ContainerReport } from './container.ts'

export interface StatusFacts {
  readonly ip: string
  readonly hostIp: string
  readonly containers: readonly ContainerReport[]
  /** What a container left as its termination message. */
  readonly message: (container: string) => string
  /** Turns a time on the kubelet's clock into milliseconds since 1970. */
  readonly wallAt: (ms: number) => number
  readonly nowMs: number
}

/**
 * A pod's status as the kubelet writes it; other writers' conditions, the readiness gates, stay. Source:
 * pkg/kubelet/kubelet_pods.go and pkg/kubelet/status/generate.go.
 */
export function podStatus(pod: PodObject, facts: StatusFacts): PodStatus {
  const { ip, hostIp, containers, wallAt, nowMs } = facts
  const startedMs = Math.min(...containers.map((one) => one.startedMs))
  const statuses = (named: readonly Container[] = []) =>
    named.flatMap((container) => statusOf(container, facts))
  const { conditions: before = [] } = pod.status ?? {}
  const conditions = ownConditions(pod, containers).reduce(
    (list, condition) => setCondition(list, condition, timestampOf(wallAt(nowMs))),
    before,
  )
  return {
    ...{ phase: phaseOf(containers), conditions, qosClass: 'BestEffort' },
    ...{ hostIP: hostIp, hostIPs: [{ ip: hostIp }], podIP: ip, podIPs: [{ ip }] },
    startTime: timestampOf(wallAt(startedMs)),
    initContainerStatuses: statuses(pod.spec?.initContainers),
    containerStatuses: statuses(pod.spec?.containers),
  }
}

function phaseOf(containers: readonly ContainerReport[]): 'Running' | 'Succeeded' | 'Failed' {
  // A crashed container is started again: only the end of all of them is the pod's.
  if (containers.some(({ running, lastExit }) => running || lastExit === undefined))
    return 'Running'
  return containers.every(({ lastExit }) => lastExit?.code === 0) ? 'Succeeded' : 'Failed'
}

function ownConditions(pod: PodObject, containers: readonly ContainerReport[]): Condition[] {
  const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name)
  const containersReady: Omit<Condition, 'type'> =
    unready.length === 0
      ? { status: 'True' }
      : {
          ...{ status: 'False', reason: 'ContainersNotReady' },
          message: `containers with unready status: [${unready.join(' ')}]`,
        }
  const missing = missingGates(pod)
  const ready: Omit<Condition, 'type'> =
    unready.length === 0 && missing.length > 0
      ? { status: 'False', reason: 'ReadinessGatesNotReady', message: missing.join(', ') }
      : containersReady
  return [
    { type: 'PodReadyToStartContainers', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'Ready', ...ready },
    { type: 'ContainersReady', ...containersReady },
    { type: 'PodScheduled', status: 'True' },
  ]
}

function missingGates({ spec, status }: PodObject): string[] {
  return (spec?.readinessGates ?? []).flatMap(({ conditionType }) => {
    const found = status?.conditions?.find(({ type }) => type === conditionType)
    if (found?.status === 'True') return []
    const gate = `readiness gate "${conditionType}"`
    return found === undefined
      ? [`corresponding condition of pod ${gate} does not exist.`]
      : [`the status of pod ${gate} is not "True", but ${found.status}`]
  })
}

function statusOf(container: Container, facts: StatusFacts): ContainerStatus[] {
  const { name, image } = container
  const report = facts.containers.find((one) => one.name === name)
  if (report === undefined) return []
  const { running, ready, restarts, startedMs } = report
  const ended = endOf(report, facts)
  const startedAt = timestampOf(facts.wallAt(startedMs))
  const states = running ? { state: { running: { startedAt } }, lastState: ended } : undefined
  const { state, lastState } = states ?? { state: ended, lastState: {} }
  return [
    {
      ...{ name, image, imageID: image, ready, started: running, restartCount: restarts },
      ...{ state, lastState },
    },
  ]
}

// As a shell tells of a signal, and so a container's exit code.
const signalNumbers: Readonly<Record<string, number>> = { SIGKILL: 9, SIGTERM: 15 }

function endOf({ name, lastExit }: ContainerReport, facts: StatusFacts): ContainerState {
  if (lastExit === undefined) return {}
  const { code, signal, startedMs, finishedMs } = lastExit
  const number = signalNumbers[signal ?? '']
  const exitCode = code ?? 128 + (number ?? 0)
  const message = facts.message(name)
  return {
    terminated: {
      ...{ exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' },
      ...(number !== undefined && { signal: number }),
      ...(message !== '' && { message }),
      startedAt: timestampOf(facts.wallAt(startedMs)),
      finishedAt: timestampOf(facts.wallAt(finishedMs)),
    },
  }
}
