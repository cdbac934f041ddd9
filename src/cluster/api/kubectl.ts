import { execFile } from 'node:child_process'
import type { Clock } from '../../time/clock.ts'
import { within } from '../../time/within.ts'
import type { Answer, KubernetesApi, Refusal } from './kubernetes-api.ts'
import { nobodys404, oneLine } from './refusals.ts'
import { nameOf, pathOf, type Request, ruleOf } from './request.ts'

const questionMs = 20_000
const longestBody = 8 * 1_024 * 1_024

/**
 * The Kubernetes API from outside the cluster, through kubectl: it knows every kubeconfig and every
 * way to log in.
 */
export function createKubectlApi(clock: Clock): KubernetesApi {
  async function call(
    args: readonly string[],
    input: string,
    what: string,
    signal: AbortSignal,
    request?: Request,
  ): Promise<Answer | Refusal> {
    try {
      const text = await within(clock, questionMs, signal, (bounded) => run(args, input, bounded))
      return { kind: 'answer', body: JSON.parse(text), serverMs: Number.NaN }
    } catch (error) {
      return refusalOf(error, what, request)
    }
  }
  return {
    get: (path, signal) => call(['get', '--raw', path], '', `get ${path}`, signal),
    ask(request, signal) {
      const path = pathOf(request)
      const args =
        request.verb === 'create' ? ['create', '--raw', path, '-f', '-'] : ['get', '--raw', path]
      const input = request.body ? JSON.stringify(request.body) : ''
      return call(args, input, nameOf(request), signal, request)
    },
  }
}

function run(args: readonly string[], input: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { signal, maxBuffer: longestBody }
    const child = execFile('kubectl', [...args], options, (error, stdout, stderr) => {
      if (error) reject(Object.assign(error, { stderr }))
      else resolve(stdout)
    })
    // kubectl may be gone before it has read anything.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

/**
 * `Error from server (NotFound): pods "web-1" not found`, on stderr. A 404 that is no Status reads `the
 * server could not find the requested resource` there (k8s.io/apimachinery, NewGenericServerResponse).
 */
function refusalOf(error: unknown, what: string, request: Request | undefined): Refusal {
  const { code, message, stderr = '' } = error as Error & { code?: string; stderr?: string }
  if (error instanceof SyntaxError) {
    return { kind: 'malformed', said: `${what}: kubectl printed what is not JSON` }
  }
  if (code === 'ENOENT') {
    return { kind: 'unreachable', said: `${what}: kubectl is not installed, or not on the PATH` }
  }
  if (request && stderr.includes(`(NotFound): ${objectOf(request)} not found`)) {
    return { kind: 'gone', said: `${what}: not found`, status: 404 }
  }
  if (/\(NotFound\)/.test(stderr)) return nobodys404(what, '')
  if (/\(Forbidden\)/.test(stderr)) {
    const rule = request ? `; you need ${ruleOf(request)}` : ''
    return { kind: 'denied', said: `${what}: forbidden${rule}`, status: 403 }
  }
  return { kind: 'unreachable', said: `${what}: kubectl: ${oneLine(stderr || message)}` }
}

/** As the API server names it: `targetgroupbindings.elbv2.k8s.aws "web"`. */
function objectOf({ group, resource, name = '' }: Request): string {
  return `${group === '' ? resource : `${resource}.${group}`} "${name}"`
}
