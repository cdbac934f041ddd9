import { neededGraceMs } from '../../drain/judgement/grace.ts'
import { kindOf } from '../../drain/protocol.ts'
import { settleOf } from '../../drain/target.ts'
import type { Discovery } from '../finding/source.ts'
import { type Binding, gatedBindings } from '../objects/bindings.ts'
import type { PodObject } from '../objects/pod.ts'
import { hookWarnings } from './hooks.ts'
import type { Warning } from './warning.ts'

export interface Expected {
  /** Where hooks are answered. */
  readonly port: number
  readonly reserveMs: number
  /** The settle time, where it is set. */
  readonly settleMs?: number
  /** ARNs of the target groups that the settings name; empty: those of the pod's bindings. */
  readonly groups: readonly string[]
}

/** What is wrong with how a pod is wired, as far as its cluster tells. */
export function warningsOf(pod: PodObject, all: Discovery, expected: Expected): Warning[] {
  // Those that were the pod's, and are not any more, need no wiring.
  const found = { ...all, bindings: all.bindings.filter(({ claim }) => claim === 'bound') }
  return [
    ...gateWarnings(pod, found),
    ...graceWarnings(pod, found, expected),
    ...hookWarnings(pod, found, expected.port),
    ...nameWarnings(found, expected),
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

/** Of a group that is not named nobody asks whether it still sends requests. */
function nameWarnings({ bindings }: Discovery, { groups }: Expected): Warning[] {
  if (groups.length === 0) return []
  const isNamed = ({ arn, groupName }: Binding) =>
    groups.some((group) => group === arn || (!arn && group.split('/')[1] === groupName))
  return bindings
    .filter((binding) => !isNamed(binding))
    .map(({ name, arn, groupName }): Warning => {
      const said = `TargetGroupBinding ${name} registers this pod with ${arn ?? groupName}, which TARGET_GROUP_ARNS does not name: hooks do not wait for it`
      const fix =
        'name it as well, or leave TARGET_GROUP_ARNS out: bindings are found by themselves'
      return { about: 'target-groups', said, fix }
    })
}

/** The least that it has to be: how long the groups' delays are is not known before AWS is asked. */
function graceWarnings(pod: PodObject, { bindings }: Discovery, expected: Expected): Warning[] {
  const [most] = bindings
    .map((binding) => graceOf(binding, expected))
    .sort((one, other) => other.neededMs - one.neededMs)
  if (!most || pod.gracePeriodMs >= most.neededMs) return []
  const is = `terminationGracePeriodSeconds is ${pod.gracePeriodMs / 1_000}`
  const fix = `set it to ${Math.ceil(most.neededMs / 1_000)} at least`
  if (most.kind === 'told') {
    const said = `${is}, shorter than the controller's lag, settle time and reserve: hooks meet their deadline`
    return [{ about: 'grace-period', said, fix }]
  }
  const said = `${is}, and what kind of load balancer TargetGroupBinding ${most.name} is of is not told here: if of the slowest, hooks meet their deadline`
  return [{ about: 'grace-period', said, fix: `${fix}, or SETTLE_SECONDS=20 if it is an ALB` }]
}

/** The grace period that a binding's group needs without its delay, and whether its settle time is told. */
function graceOf({ name, protocol, targetType }: Binding, { settleMs, reserveMs }: Expected) {
  const loadBalancer = protocol === undefined ? undefined : kindOf(protocol).loadBalancer
  const told = settleMs ?? (loadBalancer && settleOf(loadBalancer))
  const waits = { delayMs: 0, settleMs: told ?? settleOf('network'), reserveMs, targetType }
  return { name, neededMs: neededGraceMs(waits), kind: told === undefined ? 'slowest' : 'told' }
}
