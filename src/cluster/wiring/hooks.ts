import { callOf } from '../hooks/call.ts'
import { type Call, hookPath } from '../hooks/reach.ts'
import { type Serves, type Sources, servingOf } from '../hooks/serving.ts'
import { type ContainerObject, isSidecar } from '../objects/container.ts'
import type { PodObject } from '../objects/pod.ts'
import type { Warning } from './warning.ts'

/** A container of the app, with what its hook is to draingate. */
interface Part {
  readonly container: ContainerObject
  readonly call: Call
  readonly serves: Serves | undefined
}

/**
 * What is wrong with the hooks of a pod's app. One of the sidecar's own holds nothing but the sidecar,
 * and the app gets SIGTERM at once. A native sidecar ends after the app in any case.
 *
 * @param port Where hooks are answered.
 */
export function hookWarnings(pod: PodObject, sources: Sources, port: number): Warning[] {
  const main = pod.containers.filter((one) => one.role === 'main' && !isSidecar(one))
  const servesOf = servingOf(sources)
  const parts = main
    .filter((container) => !isProxy(container))
    .map((container): Part => {
      return { container, call: callOf(container, pod, port), serves: servesOf(container) }
    })
  const add = `add httpGet with path ${hookPath} and port ${port} to it`
  const plainly = `let it run \`draingate wait\`, or call port ${port} with path ${hookPath}`
  return [
    ...(parts.every(({ call }) => call.kind === 'none') ? [noHook(add)] : bare(parts, add)),
    ...faulty(parts),
    ...doubtful(parts, plainly),
    ...main.filter((one) => isProxy(one) && one.hook.kind === 'none').map(proxyWarning),
  ]
}

function noHook(add: string): Warning {
  const said = 'no container of the app has a preStop hook that calls draingate'
  return { about: 'hook', said, fix: add }
}

/** Those that are not held beside others that are: the load balancer goes on sending them requests. */
function bare(parts: readonly Part[], add: string): Warning[] {
  return parts.flatMap(({ container: { name, hook }, call, serves }): Warning[] => {
    if (call.kind !== 'none' || !serves) return []
    const when = hook.kind === 'none' ? 'at once' : 'when its own hook is over'
    const said = `container ${name} ${serves.by} and has no preStop hook that calls draingate: it gets SIGTERM ${when}, while others are held`
    return [{ about: serves.certain === 'yes' ? 'hook' : 'doubtful-hook', said, fix: add }]
  })
}

function faulty(parts: readonly Part[]): Warning[] {
  return parts.flatMap(({ container, call }) =>
    call.kind === 'astray'
      ? call.faults.map((one): Warning => ({ ...one, said: hookOf(container, one.said) }))
      : [],
  )
}

/** Where another container's hook holds, only what serves is of interest. */
function doubtful(parts: readonly Part[], fix: string): Warning[] {
  const isHeld = parts.some(({ call }) => call.kind === 'held')
  return parts.flatMap(({ container, call, serves }): Warning[] => {
    if (call.kind !== 'cannot-tell' || (isHeld && !serves)) return []
    return [{ about: 'doubtful-hook', said: hookOf(container, call.said), fix }]
  })
}

function hookOf({ name }: ContainerObject, said: string): string {
  return `the preStop hook of container ${name} ${said}`
}

function isProxy({ name }: ContainerObject): boolean {
  return name === 'istio-proxy' || name === 'linkerd-proxy'
}

/** docs/meshes.md, "The proxy has to outlive the app". */
function proxyWarning({ name }: ContainerObject): Warning {
  const said = `the mesh's proxy ${name} is an ordinary container: it gets SIGTERM while draingate holds the app, and takes no more requests`
  return {
    about: 'mesh-proxy',
    said,
    fix: 'make it a native sidecar, or give it the same preStop hook',
  }
}
