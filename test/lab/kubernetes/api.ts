import { request } from 'node:https'
import type { Test } from 'tap'
import type { Rule } from '../../../lab/kubernetes/access.ts'
import { type ControlPlane, startControlPlane } from '../../../lab/kubernetes/control-plane.ts'
import type { ApiServer } from '../../../lab/kubernetes/server.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  /** The parsed text; undefined when it is not JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into it as they need.
  body: any
}

export interface Api extends ControlPlane {
  /** Set forward and back by tests. */
  time: { wallMs: number }
  issue(lifetimeMs?: number): string
  /** Asks as `shop:web`, unless the headers say otherwise. */
  ask(method: string, path: string, body?: object | string, headers?: object): Promise<Answer>
}

export const everything: readonly Rule[] = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]

/** An API server whose service account `web` of the namespace `shop` may do what the rules say. */
export async function startApi(t: Test, rules: readonly Rule[] = everything): Promise<Api> {
  const time = { wallMs: Date.parse('2030-01-01T00:00:00.900Z') }
  const wallMs = () => time.wallMs
  const { store, access, resources, server } = await startControlPlane(wallMs)
  t.teardown(() => server.close())
  access.grant('shop', 'web', rules)
  const issue = (lifetimeMs = 3_600_000) =>
    access.issue({ namespace: 'shop', account: 'web', lifetimeMs })
  const authorization = `Bearer ${issue()}`
  const ask: Api['ask'] = (method, path, body, headers = {}) =>
    send(server, { method, path, headers: { authorization, ...headers } }, body)
  return { store, access, server, resources, time, issue, ask }
}

function send(
  { host, port, ca }: ApiServer,
  options: { method: string; path: string; headers: object },
  body: object | string | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = typeof body === 'object' ? JSON.stringify(body) : (body ?? '')
    const headers = { ...options.headers, 'content-length': Buffer.byteLength(sent) }
    const call = request({ ...options, headers, host, port, ca, agent: false })
    call.on('error', reject)
    call.on('response', async (response) => {
      const parts: Buffer[] = []
      try {
        for await (const part of response) parts.push(part)
      } catch (error) {
        return reject(error)
      }
      const text = Buffer.concat(parts).toString()
      const { statusCode: status = 0 } = response
      resolve({ status, headers: response.headers, text, body: parsed(text) })
    })
    call.end(sent)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const podsPath = '/api/v1/namespaces/shop/pods'
export const bindingsPath = '/apis/elbv2.k8s.aws/v1beta1/namespaces/shop/targetgroupbindings'

export const pod = (name: string, labels: Record<string, string> = {}) => ({
  metadata: { name, labels },
  spec: { nodeName: 'node-1', containers: [{ name: 'app', image: 'lab/app' }] },
})
