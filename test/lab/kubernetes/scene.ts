import { request } from 'node:https'
import type { Test } from 'tap'
import type { Rule } from '../../../lab/kubernetes/access.ts'
import { startKubernetes } from '../../../lab/kubernetes/kubernetes.ts'
import type { KubeObject } from '../../../lab/kubernetes/store.ts'

/** What the tests may do: all that the API serves. */
export const everything: Rule[] = ['', 'elbv2.k8s.aws', 'authorization.k8s.io'].map((group) => ({
  apiGroups: [group],
  resources: ['pods', 'services', 'events', 'targetgroupbindings', 'subjectaccessreviews'],
  verbs: ['get', 'list', 'create', 'delete'],
}))

export interface Answered {
  readonly status: number | undefined
  readonly text: string
  /** Of an answer that is JSON; empty for others. */
  readonly body: Partial<KubeObject> & { readonly items?: readonly KubeObject[] }
}

/** A cluster's API whose pods nobody runs, and questions to it in the name of its service account. */
export async function scene(t: Test, wallMs: () => number = Date.now) {
  const deletions: [name: string, graceMs: number | undefined][] = []
  const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/web/0123456789abcdef'
  const kubernetes = await startKubernetes({
    ...{ name: 'web', namespace: 'shop', arn, gates: 'injected', wallMs },
    run: async (name) => ({
      ...{ name, ip: '10.0.1.7', ready: () => true, deletion: () => undefined },
      async delete(graceMs) {
        deletions.push([name, graceMs])
      },
      restart: async () => undefined,
      ended: Promise.resolve(),
    }),
  })
  t.teardown(() => kubernetes.close())
  const { access, server } = kubernetes
  access.grant('shop', 'web', everything)
  const expiresMs = wallMs() + 3_600_000
  const token = access.issue({ namespace: 'shop', account: 'web', expiresMs })
  const ask = (method: string, path: string, body?: object, bearer = token): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${bearer}` }
      const { host, port, ca } = server
      const asked = request(
        { host, port, ca, method, path, headers, agent: false },
        async (got) => {
          const parts = await got.toArray()
          const text = Buffer.concat(parts).toString()
          const isJson = got.headers['content-type'] === 'application/json'
          resolve({ status: got.statusCode, text, body: isJson ? JSON.parse(text) : {} })
        },
      )
      asked.on('error', reject)
      asked.end(body === undefined ? '' : JSON.stringify(body))
    })
  return { ...kubernetes, ask, deletions }
}

export const core = '/api/v1/namespaces/shop'
