import { type ContainerObject, type Hook, isSidecar, runsDraingate } from './container.ts'
import type { PodObject } from './pod.ts'
import type { Warning } from './warnings.ts'

type HttpHook = Hook & { readonly kind: 'http' }

/**
 * What is wrong with the hooks of a pod's app. One of the sidecar's own holds nothing but the sidecar,
 * and the app gets SIGTERM at once.
 *
 * @param port Where hooks are answered.
 */
export function hookWarnings({ containers, hostNetwork }: PodObject, port: number): Warning[] {
  const app = containers.filter((one) => one.role === 'main' && !isSidecar(one))
  const hooks = app.flatMap(({ name, ports, hook }) =>
    hook.kind === 'http' ? [{ name, ports, hook }] : [],
  )
  const ours = hooks.filter(({ hook }) => pathOf(hook) === path)
  if (ours.length === 0) return app.some(callsDraingate) ? [] : withoutHook(containers, app, port)
  return ours.flatMap(({ name, ports, hook }): Warning[] => {
    const wrong: Warning[] = []
    // The kubelet looks up a name among the ports of the container that has the hook.
    const called = typeof hook.port === 'string' ? ports.get(hook.port) : hook.port
    if (called === undefined) {
      const said = `the preStop hook of container ${name} names port ${hook.port}, which is looked up among that container's own ports only; give the number ${port}`
      wrong.push({ about: 'hook', said })
    } else if (called !== port) {
      const said = `the preStop hook of container ${name} calls port ${called}, draingate listens on ${port}; make them equal`
      wrong.push({ about: 'hook', said })
    }
    if (hostNetwork && hook.host === undefined) {
      const said = `hostNetwork: the kubelet cannot find the pod's address; give the preStop hook of container ${name} a host`
      wrong.push({ about: 'host-network', said })
    }
    return wrong
  })
}

const path = '/prestop'

function pathOf(hook: HttpHook): string {
  return hook.path.replace(/[?#].*$/, '').replace(/(?<=.)\/$/, '')
}

/** By a command: the drain itself, or one that calls the sidecar. */
function callsDraingate(container: ContainerObject): boolean {
  const { hook } = container
  const calls = hook.kind === 'exec' && hook.command.some((word) => word.includes(path))
  return calls || runsDraingate(container)
}

function withoutHook(
  containers: readonly ContainerObject[],
  app: readonly ContainerObject[],
  port: number,
): Warning[] {
  const byIstio = app.filter(({ hook }) => hook.kind === 'http' && hook.port === istioAgentPort)
  if (byIstio.length > 0) return istioWarnings(byIstio, containers)
  const astray = app.flatMap(({ name, hook }): Warning[] => {
    if (hook.kind !== 'http' || hook.port !== port) return []
    const said = `the preStop hook of container ${name} asks for ${pathOf(hook)}, draingate answers on ${path}; mend the path`
    return [{ about: 'hook', said }]
  })
  if (astray.length > 0) return astray
  const said = `no container of the app has a preStop hook that calls draingate; add httpGet with path ${path} and port ${port} to it`
  return [{ about: 'hook', said }]
}

/**
 * Istio may put its own agent between the kubelet and a hook, as it does with probes (istio/istio#53654).
 * Then which hook it calls cannot be seen any more, and it is held as long as the agent lives.
 */
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
