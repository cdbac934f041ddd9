import { controllerLagMs } from '../drain/limits.ts'
import { kindOf } from '../drain/protocol.ts'
import { settleOf } from '../drain/target.ts'
import { type Binding, gatedBindings } from './bindings.ts'
import type { Discovery } from './discovery.ts'
import { type ContainerObject, type PodObject, runsDraingate } from './pod.ts'

/** Something in the cluster that will cost requests or time, and what to do about it. */
export interface Warning {
  readonly about:
    | 'readiness-gate'
    | 'grace-period'
    | 'host-network'
    | 'hook'
    | 'instance-targets'
    | 'not-ready-addresses'
  readonly said: string
}

export interface Expected {
  /** Where hooks are answered. */
  readonly port: number
  readonly reserveMs: number
  /** The settle time, where it is set. */
  readonly settleMs?: number
}

/** What is wrong with how a pod is wired, as far as its cluster tells. */
export function warningsOf(pod: PodObject, found: Discovery, expected: Expected): Warning[] {
  return [
    ...gateWarnings(pod, found),
    ...graceWarnings(pod, found, expected),
    ...hookWarnings(pod, expected),
    ...found.bindings
      .filter(({ targetType }) => targetType === 'instance')
      .map(({ name }): Warning => {
        const said = `TargetGroupBinding ${name} registers nodes, which nobody deregisters for a pod: hooks are held for the settle time only; use target type ip`
        return { about: 'instance-targets', said }
      }),
    ...found.services
      .filter(({ publishNotReadyAddresses }) => publishNotReadyAddresses)
      .map(({ name }): Warning => {
        const said = `Service ${name} publishes addresses that are not ready: the controller deregisters a pod only when it is gone, and hooks run into their deadline; set publishNotReadyAddresses: false`
        return { about: 'not-ready-addresses', said }
      }),
  ]
}

/** Without its gate a rollout may take away old pods before the new ones are in service. */
function gateWarnings(pod: PodObject, { bindings }: Discovery): Warning[] {
  const gated = gatedBindings(pod)
  const open = bindings.find(
    ({ name, targetType }) => targetType !== 'instance' && !gated.includes(name),
  )
  if (!open || gated.length > 0) return []
  const said = `no readiness gate for TargetGroupBinding ${open.name}: a rollout may answer 5xx before new pods are in service; label the namespace elbv2.k8s.aws/pod-readiness-gate-inject=enabled`
  return [{ about: 'readiness-gate', said }]
}

function graceWarnings(pod: PodObject, { bindings }: Discovery, expected: Expected): Warning[] {
  const settleMs = Math.max(0, ...bindings.map((binding) => settleOfBinding(binding, expected)))
  const neededMs = settleMs + expected.reserveMs
  if (bindings.length === 0 || pod.gracePeriodMs >= neededMs) return []
  const said = `terminationGracePeriodSeconds is ${pod.gracePeriodMs / 1_000}, shorter than settle time and reserve: every hook meets its deadline; set it to ${Math.ceil((neededMs + controllerLagMs) / 1_000)} at least`
  return [{ about: 'grace-period', said }]
}

function settleOfBinding({ protocol = '' }: Binding, { settleMs }: Expected): number {
  return settleMs ?? settleOf((protocol && kindOf(protocol).loadBalancer) || 'application')
}

function hookWarnings({ containers, hostNetwork }: PodObject, { port }: Expected): Warning[] {
  const ours = containers.filter(
    ({ hook }) => hook.kind === 'http' && hook.path.startsWith('/prestop'),
  )
  const byIstio = containers.filter(isRewrittenByIstio)
  if (ours.length === 0 && byIstio.length > 0) return istioWarnings(byIstio, containers)
  if (ours.length === 0 && !containers.some(runsDraingate)) {
    const said = `no container has a preStop hook that calls draingate; add httpGet with path /prestop and port ${port} to the app's container`
    return [{ about: 'hook', said }]
  }
  return ours.flatMap(({ name, hook }): Warning[] => {
    if (hook.kind !== 'http') return []
    const wrong: Warning[] = []
    if (typeof hook.port === 'string') {
      const said = `the preStop hook of container ${name} names port ${hook.port}, which is looked up among that container's own ports only; give the number ${port}`
      wrong.push({ about: 'hook', said })
    } else if (hook.port !== port) {
      const said = `the preStop hook of container ${name} calls port ${hook.port}, draingate listens on ${port}; make them equal`
      wrong.push({ about: 'hook', said })
    }
    if (hostNetwork && hook.host === undefined) {
      const said = `hostNetwork: the kubelet cannot find the pod's address; give the preStop hook of container ${name} a host`
      wrong.push({ about: 'host-network', said })
    }
    return wrong
  })
}

/**
 * Istio may put its own agent between the kubelet and a hook, as it does with probes (istio/istio#53654).
 * Then which hook it calls cannot be seen any more, and it is held as long as the agent lives.
 */
function isRewrittenByIstio({ hook }: ContainerObject): boolean {
  return hook.kind === 'http' && hook.port === istioAgentPort
}

function istioWarnings(
  rewritten: readonly ContainerObject[],
  containers: readonly ContainerObject[],
): Warning[] {
  const endsLast = containers.some(
    ({ name, role }) => name === 'istio-proxy' && role === 'native-sidecar',
  )
  if (endsLast) return []
  return rewritten.map(({ name }) => {
    const said = `the preStop hook of container ${name} goes by way of Istio's agent, which ends when the pod is deleted, and the hook with it; make Istio's proxy a native sidecar`
    return { about: 'hook', said }
  })
}

const istioAgentPort = 15_020
