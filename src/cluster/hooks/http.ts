import type { ContainerPort, HttpHook } from '../objects/container.ts'
import {
  bare,
  type Call,
  cannotTell,
  type Fault,
  fault,
  hookPath,
  isLoopback,
  plainPath,
  type Where,
  wrongPath,
  wrongPort,
} from './reach.ts'

/** What an HTTP hook comes to; `ports`: those of its container. */
export function httpCall(hook: HttpHook, ports: readonly ContainerPort[], where: Where): Call {
  // The kubelet looks up a name among the ports of the container that has the hook.
  const called =
    typeof hook.port === 'number' ? hook.port : ports.find(({ name }) => name === hook.port)?.port
  const path = plainPath(hook.path)
  if (path !== hookPath) {
    return called === where.port ? { kind: 'astray', faults: [wrongPath(path)] } : { kind: 'none' }
  }
  const faults = [...portFaults(hook, called, where), ...hostFaults(hook, where)]
  if (faults.length > 0) return { kind: 'astray', faults }
  const { host } = hook
  const isOwn = host === undefined || where.hostNetwork || where.ips.includes(bare(host))
  return isOwn ? { kind: 'held' } : cannotTell(`calls host ${host}, which may not be its pod`)
}

function portFaults({ port }: HttpHook, called: number | undefined, where: Where): Fault[] {
  if (called === where.port) return []
  if (called !== undefined) return [wrongPort(called, where)]
  const said = `names port ${port}, which is looked up among that container's own ports only`
  return [fault(said, `give the number ${where.port}`)]
}

/** It is the kubelet that calls, from the node's own network namespace. */
function hostFaults({ host }: HttpHook, { hostNetwork }: Where): Fault[] {
  if (hostNetwork && host === undefined) {
    const said = 'names no host, and the kubelet cannot find the address of a hostNetwork pod'
    return [{ about: 'host-network', said, fix: 'give it one' }]
  }
  if (hostNetwork || host === undefined || !isLoopback(host)) return []
  const said = `calls host ${host}, the node's own, not the pod's: it fails, and SIGTERM comes at once`
  return [fault(said, 'leave the host out')]
}
