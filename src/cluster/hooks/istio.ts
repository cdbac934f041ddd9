import { at, numberAt, textAt } from '../json.ts'
import type { HttpHook } from '../objects/container.ts'
import type { PodObject } from '../objects/pod.ts'
import { httpCall } from './http.ts'
import { astray, type Call, cannotTell, type Where } from './reach.ts'

/**
 * What a hook comes to that Istio has put its own agent in front of, as it does with probes
 * (istio/istio#53654): it is held as long as the agent lives. Undefined for any other hook.
 */
export function istioCall(hook: HttpHook, pod: PodObject, where: Where): Call | undefined {
  // Its port may be another than 15020, by an annotation; its paths are always these.
  if (!/^\/app-lifecycle\/[^/]+\/prestopz$/.test(hook.path)) return undefined
  const proxy = pod.containers.find(({ name }) => name === 'istio-proxy')
  const original = originalOf(hook, proxy?.environment)
  const call = original
    ? httpCall(original, [], where)
    : cannotTell("goes by way of Istio's agent, and whom that calls cannot be told")
  if (call.kind === 'none' || proxy?.role === 'native-sidecar') return call
  // One that is hooked itself is held, its agent with it. Istio rewrites no hook of its own.
  const own = proxy?.hook.kind === 'http' && httpCall(proxy.hook, proxy.ports, where)
  if (own && own.kind === 'held') return call
  const said =
    "goes by way of Istio's agent, which ends when the pod is deleted, and the hook with it"
  return astray(said, "make Istio's proxy a native sidecar")
}

/** The agent is told in a variable what to call. A host there is no more than a header. */
function originalOf(
  { path }: HttpHook,
  environment: ReadonlyMap<string, string> | undefined,
): HttpHook | undefined {
  let probers: unknown
  try {
    probers = JSON.parse(environment?.get('ISTIO_KUBE_APP_PROBERS') ?? '')
  } catch {
    return undefined
  }
  const httpGet = at(probers, path, 'httpGet')
  const port = numberAt(httpGet, 'port')
  if (port === undefined) return undefined
  return { kind: 'http', port, path: textAt(httpGet, 'path') ?? '/' }
}
