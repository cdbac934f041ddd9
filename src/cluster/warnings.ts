import { controllerLagMs } from '../drain/limits.ts'
import { kindOf } from '../drain/protocol.ts'
import { settleOf } from '../drain/target.ts'
import { type Binding, gatedBindings } from './bindings.ts'
import type { Discovery } from './discovery.ts'
import { hookWarnings } from './hooks.ts'
import type { PodObject } from './pod.ts'
import type { Warning } from './warning.ts'

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
    ...hookWarnings(pod, found, expected.port),
    ...found.bindings
      .filter(({ targetType }) => targetType === 'instance')
      .map(({ name }): Warning => {
        const said = `TargetGroupBinding ${name} registers nodes, which nobody deregisters for a pod: hooks are held for the settle time only`
        return { about: 'instance-targets', said, fix: 'use target type ip' }
      }),
    ...found.services
      .filter(({ name, publishNotReadyAddresses }) => {
        // A StatefulSet's own Service has it for good reason, and is behind no load balancer.
        const bound = found.bindings.some(({ service }) => service === name)
        return bound && publishNotReadyAddresses
      })
      .map(({ name }): Warning => {
        const said = `Service ${name} publishes addresses that are not ready: the controller deregisters a pod only when it is gone, and hooks run into their deadline`
        return { about: 'not-ready-addresses', said, fix: 'set publishNotReadyAddresses: false' }
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
  const said = `no readiness gate for TargetGroupBinding ${open.name}: a rollout may answer 5xx before new pods are in service`
  const fix = `label the namespace ${open.apiGroup}/pod-readiness-gate-inject=enabled`
  return [{ about: 'readiness-gate', said, fix }]
}

function graceWarnings(pod: PodObject, { bindings }: Discovery, expected: Expected): Warning[] {
  const settleMs = Math.max(0, ...bindings.map((binding) => settleOfBinding(binding, expected)))
  const neededMs = settleMs + expected.reserveMs
  if (bindings.length === 0 || pod.gracePeriodMs >= neededMs) return []
  const said = `terminationGracePeriodSeconds is ${pod.gracePeriodMs / 1_000}, shorter than settle time and reserve: every hook meets its deadline`
  const fix = `set it to ${Math.ceil((neededMs + controllerLagMs) / 1_000)} at least`
  return [{ about: 'grace-period', said, fix }]
}

function settleOfBinding({ protocol = '' }: Binding, { settleMs }: Expected): number {
  return settleMs ?? settleOf((protocol && kindOf(protocol).loadBalancer) || 'application')
}
