import type { KubernetesApi } from '../cluster/api/kubernetes-api.ts'
import { at, listAt, textAt } from '../cluster/json.ts'
import { type PodObject, readPod } from '../cluster/objects/pod.ts'
import { eyesOf } from '../compose/eyes.ts'
import type { Failure } from '../drain/ports.ts'
import { readSettings } from '../settings/read.ts'
import { identityRow } from './aws-rows.ts'
import { examineOutside } from './outside.ts'
import { fail, ok, type Row } from './row.ts'
import { sidecarOf } from './sidecar.ts'

const never = new AbortController().signal
/** An answer of the API server may have a dozen MiB for so many. */
const page = 250

/** Every workload with a sidecar, a row for each: what is wrong with one of its pods is wrong with all. */
export async function allRows(
  api: KubernetesApi,
  flags: ReadonlyMap<string, string>,
): Promise<Row[]> {
  const pods = await listPods(api)
  if ('kind' in pods) {
    const fix =
      'let the lookout list pods (the value lookout.listPods of the chart), or run this where kubectl may'
    return [fail('pods', pods.said, fix)]
  }
  const workloads = Map.groupBy(pods.filter(sidecarOf), workloadOf)
  if (workloads.size === 0) return [ok('pods', `none of ${pods.length} has a container draingate`)]
  const { aws } = eyesOf(readSettings(flags, process.env).settings, undefined, () => undefined)
  const rows = [await identityRow(aws, 'self', never)]
  // One after the other: each asks AWS about its groups.
  for (const [name, its] of [...workloads].sort()) {
    const [pod] = its
    const sidecar = pod && sidecarOf(pod)
    if (!sidecar) continue
    const reach = { api, name: { namespace: pod.namespace, name: pod.name } }
    const told = await examineOutside(reach, sidecar, flags)
    rows.push(rowOf(`${name} (${its.length})`, told))
  }
  return rows
}

async function listPods(api: KubernetesApi): Promise<PodObject[] | Failure> {
  const pods: PodObject[] = []
  for (let next: string | undefined = ''; next !== undefined; ) {
    const after = next && `&continue=${encodeURIComponent(next)}`
    const answer = await api.get(`/api/v1/pods?limit=${page}${after}`, never)
    if (answer.kind !== 'answer') return answer
    pods.push(...listAt(answer.body, 'items').flatMap((item) => readPod(item) ?? []))
    next = textAt(at(answer.body, 'metadata'), 'continue')
  }
  return pods
}

/** The pods of one version of a workload are alike: by the name that their controller gave them. */
function workloadOf({ namespace, name, labels }: PodObject): string {
  const hash = labels.get('pod-template-hash') ?? labels.get('controller-revision-hash')
  const own = hash
    ? name.replace(new RegExp(`-${hash.replace(/^.*-/, '')}(-[a-z0-9]+)?$`), '')
    : name
  return `${namespace}/${own.replace(/-\d+$/, '')}`
}

/** The worst of it first, and what to do about that. */
function rowOf(check: string, rows: readonly Row[]): Row {
  const [fails, warns] = (['fail', 'warn'] as const).map((state) =>
    rows.filter((row) => row.state === state),
  )
  const faults = [...(fails ?? []), ...(warns ?? [])]
  const [worst] = faults
  if (!worst) return ok(check, 'nothing is wrong')
  const said = [...new Set(faults.map((row) => row.said))].join('; ')
  return { check, state: worst.state, said, ...(worst.fix ? { fix: worst.fix } : {}) }
}
