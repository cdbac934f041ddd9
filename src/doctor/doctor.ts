import { clock } from '../clock.ts'
import type { Cluster, Inspection } from '../cluster/cluster.ts'
import type { Discovery } from '../cluster/discovery.ts'
import { createHttpsApi } from '../cluster/https.ts'
import { createKubectlApi } from '../cluster/kubectl.ts'
import type { ContainerObject } from '../cluster/pod.ts'
import type { Expected } from '../cluster/warnings.ts'
import type { CommandLine, Reading } from '../command-line/read.ts'
import { createParts, placeFor, type Reach } from '../compose.ts'
import { graceOf, type Settings } from '../settings.ts'
import { groupRows, identityRow, type Waiting } from './aws-rows.ts'
import { podRows, ruleRows, type Subject } from './cluster-rows.ts'
import { fail, ok, type Row, tableOf, warn } from './row.ts'
import { readingOf, sidecarOf } from './sidecar.ts'

type Asked = CommandLine & { kind: 'doctor' }

/** Checks all that a drain needs, as far as it can be reached. The exit code is 1 when a check fails. */
export async function doctor(asked: Asked): Promise<void> {
  const rows = await examine(asked)
  const text = asked.print === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : tableOf(rows)
  const code = rows.some(({ state }) => state === 'fail') ? 1 : 0
  // Not left to end by itself: a question that was given up may still be under way.
  process.stdout.write(text, () => process.exit(code))
}

async function examine(asked: Asked): Promise<Row[]> {
  const never = new AbortController().signal
  const reached = reachOf(asked)
  if ('state' in reached) return [reached, ...(await examineFrom(asked.reading, undefined, never))]
  const { api, name } = reached
  if (!asked.pod)
    return examineFrom(asked.reading, { ...reached, subject: { kind: 'self' } }, never)
  const { cluster } = createParts(asked.reading.settings, reached, () => undefined)
  const pod = await cluster?.pod.read(never)
  if (!pod || 'kind' in pod) return [fail('pod', pod?.said ?? `no pod ${name.name}`)]
  const sidecar = sidecarOf(pod)
  if (!sidecar) return [fail('sidecar', `pod ${pod.name} has no container draingate`)]
  const account = `system:serviceaccount:${pod.namespace}:${pod.serviceAccount}`
  const subject = { kind: 'account', name: account } as const
  const rows = await examineFrom(readingOf(sidecar), { api, name, subject }, never)
  return [...elsewhereRows(sidecar), ...rows]
}

/** A setting that is not read here is taken as not set, which may be the cause of all that follows. */
function elsewhereRows({ environmentElsewhere }: ContainerObject): Row[] {
  if (environmentElsewhere.length === 0) return []
  const said = `what comes from ${environmentElsewhere.join(', ')} is not read: as if it were not set`
  return [warn('settings', said, 'run doctor in the pod (kubectl exec) to see all of them')]
}

function reachOf({ pod, reading }: Asked): Reach | Row {
  if (pod) return { api: createKubectlApi(clock), name: pod }
  const place = placeFor(reading.settings)
  if (place.kind === 'pod') return { api: createHttpsApi(clock, place), name: place.pod }
  const fix = 'run it in the pod (kubectl exec), or name one with --pod NAMESPACE/NAME'
  return warn('cluster', place.said, fix)
}

async function examineFrom(
  { settings, faults }: Reading,
  reach: (Reach & { readonly subject: Subject }) | undefined,
  signal: AbortSignal,
): Promise<Row[]> {
  const { balancer, cluster } = createParts(settings, reach, () => undefined)
  const inspection = await cluster?.inspect(signal)
  const inspected = inspection?.kind === 'inspected' ? inspection : undefined
  const rows = faults.map((fault) => fail('settings', fault))
  if (faults.length === 0) rows.push(ok('settings', 'all of them can be read'))
  if (inspection?.kind === 'inspected') rows.push(...podRows(inspection, expectedOf(settings)))
  else if (inspection) rows.push(fail('pod', inspection.said))
  // What did not answer once is not waited for again.
  if (reach && inspection?.kind !== 'unreachable') {
    rows.push(...(await ruleRows(reach.api, reach.name, reach.subject, signal)))
  }
  rows.push(await identityRow(balancer, reach?.subject.kind ?? 'self', signal))
  const found = await groupsOf(settings, inspected && cluster, inspected, signal)
  rows.push(...found.rows)
  const graceMs = inspected?.pod.gracePeriodMs ?? graceOf(settings)
  for (const group of found.groups) {
    rows.push(...(await groupRows(balancer, group, waitingOf(settings, graceMs), signal)))
  }
  return rows
}

/** The target groups that a drain would wait for, and what stands in the way of some of them. */
async function groupsOf(
  { TARGET_GROUP_ARNS }: Settings,
  cluster: Cluster | undefined,
  inspected: Inspection | undefined,
  signal: AbortSignal,
): Promise<{ groups: ReadonlySet<string>; rows: Row[] }> {
  const groups = new Set(TARGET_GROUP_ARNS.map(({ arn }) => arn))
  if (groups.size > 0) return { groups, rows: [] }
  if (!cluster) {
    const said = 'none is set, and without the pod none can be found'
    return { groups, rows: [fail('target groups', said, 'mend that, or set TARGET_GROUP_ARNS')] }
  }
  const found = await cluster.search.find(signal)
  const { missing = [], narrowed = [] }: Partial<Discovery> = inspected?.discovery ?? {}
  const told = [...missing, ...narrowed].map(({ said }) => said)
  const untold = [...found.missing, ...found.narrowed].filter(({ said }) => !told.includes(said))
  return {
    groups: new Set(found.groups.map(({ group }) => group)),
    rows: untold.map(({ said }) => fail('target groups', said)),
  }
}

function expectedOf(settings: Settings): Expected & { groups: 'set' | 'searched' } {
  const { LISTEN_ADDRESS, RESERVE_SECONDS, SETTLE_SECONDS, TARGET_GROUP_ARNS } = settings
  const settle = SETTLE_SECONDS === undefined ? {} : { settleMs: SETTLE_SECONDS }
  const groups = TARGET_GROUP_ARNS.length > 0 ? 'set' : 'searched'
  return { port: LISTEN_ADDRESS.port, reserveMs: RESERVE_SECONDS, ...settle, groups }
}

function waitingOf(settings: Settings, graceMs: number): Waiting {
  const { RELEASE_WHEN: releaseWhen, RESERVE_SECONDS: reserveMs, SETTLE_SECONDS } = settings
  const settle = SETTLE_SECONDS === undefined ? {} : { settleMs: SETTLE_SECONDS }
  return { releaseWhen, reserveMs, graceMs, ...settle }
}
