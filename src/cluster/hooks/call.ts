import type { ContainerObject } from '../objects/container.ts'
import type { PodObject } from '../objects/pod.ts'
import { execCall } from './exec.ts'
import { httpCall } from './http.ts'
import { istioCall } from './istio.ts'
import type { Call, Where } from './reach.ts'

/**
 * What a container's preStop hook is to draingate, as far as the pod's spec tells.
 *
 * @param port Where hooks are answered.
 */
export function callOf(container: ContainerObject, pod: PodObject, port: number): Call {
  const { ips, hostNetwork, gracePeriodMs: graceMs } = pod
  const where: Where = { port, ips, hostNetwork, graceMs }
  const { hook } = container
  if (hook.kind === 'http') {
    return istioCall(hook, pod, where) ?? httpCall(hook, container.ports, where)
  }
  return hook.kind === 'exec' ? execCall(hook.command, where) : { kind: 'none' }
}
