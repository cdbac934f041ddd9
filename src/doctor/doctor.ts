import { createHttpsApi } from '../cluster/api/https.ts'
import { createKubectlApi } from '../cluster/api/kubectl.ts'
import type { PodName } from '../cluster/api/place.ts'
import type { Cluster, Inspection } from '../cluster/cluster.ts'
import { askPod } from '../cluster/finding/api-source.ts'
import type { Discovery } from '../cluster/finding/source.ts'
import type { PodObject } from '../cluster/objects/pod.ts'
import type { Expected } from '../cluster/wiring/warnings.ts'
import { eyesOf, type Reach } from '../compose/eyes.ts'
import { placeFor } from '../compose/place.ts'
import type { Failure } from '../drain/ports.ts'
import type { GroupFacts } from '../drain/target.ts'
import { type CommandLine, type Reading, readSettings } from '../settings/read.ts'
import { graceOf, type Settings } from '../settings/settings.ts'
import { clock } from '../time/clock.ts'
import { groupRows, identityRow, type Waiting } from './aws-rows.ts'
import { podRows, ruleRows, type Subject } from './cluster-rows.ts'
import { outsideRows } from './outside.ts'
import { fail, ok, type Row, tableOf, warn } from './row.ts'
import { environmentOf, readingOf, sidecarOf } from './sidecar.ts'

type Asked = CommandLine & { kind: 'doctor' }
type Flags = Asked['flags']

/** Nobody calls it off: each question has its own bound. */
const never = new AbortController().signal

/** Checks all that a drain needs, as far as it can be reached. The exit code is 1 when a check fails. */
export async function doctor(asked: Asked): Promise<void> {
  const { pod, flags } = asked
  const rows = await (pod ? examineOther(pod, flags) : examineOwn(flags))
  const text = asked.print === 'json' ? `${JSON.stringify(rows, null, 2)}\n` : tableOf(rows)
  const code = rows.some(({ state }) => state === 'fail') ? 1 : 0
  // Not left to end by itself: a question that was given up may still be under way.
  process.stdout.write(text, () => process.exit(code))
}

/** Of the pod that this runs in. */
async function examineOwn(flags: Flags): Promise<Row[]> {
  const own = readSettings(flags, process.env)
  const place = placeFor(own.settings)
  if (place.kind !== 'pod') {
    const fix = 'run it in the pod (kubectl exec), or name one with --pod NAMESPACE/NAME'
    return [warn('cluster', place.said, fix), ...(await examineWith(own, undefined))]
  }
  const api = createHttpsApi(clock, place)
  const scene: Scene = { api, name: place.pod, subject: { kind: 'self' } }
  const pod = await readPodOf(scene)
  if ('kind' in pod) return examineWith(own, { ...scene, unread: pod })
  const sidecar = sidecarOf(pod)
  if (!sidecar) return examineWith(own, scene)
  // What `kubectl exec` runs has the variables of the container, and not its flags.
  const { unread, ...reading } = readingOf(sidecar, flags, process.env)
  return [...unread, ...(await examineWith(reading, scene))]
}

/** Of another pod, through kubectl. */
async function examineOther(name: PodName, flags: Flags): Promise<Row[]> {
  const reach = { api: createKubectlApi(clock), name }
  const pod = await readPodOf(reach)
  if ('kind' in pod) return [fail('pod', pod.said)]
  const sidecar = sidecarOf(pod)
  if (!sidecar) return [fail('sidecar', `pod ${pod.name} has no container draingate`)]
  const { unread, ...reading } = readingOf(sidecar, flags, environmentOf(sidecar))
  const { namespace, serviceAccount: account } = pod
  const subject = { kind: 'account', namespace, account } as const
  return [
    ...outsideRows(sidecar, reading.settings),
    ...unread,
    ...(await examineWith(reading, { ...reach, subject })),
  ]
}

async function readPodOf({ api, name }: Reach): Promise<PodObject | Failure> {
  return (await askPod(api, clock, name, never)).object
}

/** A pod that can be asked about, and who asks. */
interface Scene extends Reach {
  readonly subject: Subject
  /** Why the pod cannot be read: what did not answer once is not waited for again. */
  readonly unread?: Failure
}

async function examineWith(
  { settings, faults }: Reading,
  scene: Scene | undefined,
): Promise<Row[]> {
  const { aws: balancer, cluster } = eyesOf(settings, scene, () => undefined)
  const inspection = scene?.unread ?? (await cluster?.inspect(never))
  const inspected = inspection?.kind === 'inspected' ? inspection : undefined
  const rows = faults.map((fault) => fail('settings', fault))
  if (faults.length === 0) rows.push(ok('settings', 'all of them can be read'))
  if (inspection?.kind === 'inspected') rows.push(...podRows(inspection, expectedOf(settings)))
  else if (inspection) rows.push(fail('pod', inspection.said))
  if (scene && inspection?.kind !== 'unreachable') {
    rows.push(...(await ruleRows(scene.api, scene.name, scene.subject, never)))
  }
  rows.push(await identityRow(balancer, scene?.subject.kind ?? 'self', never))
  const found = await groupsOf(settings, inspected && cluster, inspected)
  rows.push(...found.rows)
  const graceMs = inspected?.pod.gracePeriodMs ?? graceOf(settings)
  for (const [group, known] of found.groups) {
    rows.push(...(await groupRows(balancer, group, known, waitingOf(settings, graceMs), never)))
  }
  return rows
}

/** The target groups that a drain would wait for, and what stands in the way of some of them. */
async function groupsOf(
  { TARGET_GROUP_ARNS }: Settings,
  cluster: Cluster | undefined,
  inspected: Inspection | undefined,
): Promise<{ groups: ReadonlyMap<string, GroupFacts>; rows: Row[] }> {
  if (TARGET_GROUP_ARNS.length > 0) {
    return { groups: new Map(TARGET_GROUP_ARNS.map(({ arn }) => [arn, {}])), rows: [] }
  }
  if (!cluster) {
    const said = 'none is set, and without the pod none can be found'
    const fix = 'mend that, or set TARGET_GROUP_ARNS'
    return { groups: new Map(), rows: [fail('target groups', said, fix)] }
  }
  const found = await cluster.search.find(never)
  const { missing = [], narrowed = [] }: Partial<Discovery> = inspected?.discovery ?? {}
  const told = [...missing, ...narrowed].map(({ said }) => said)
  const untold = [...found.missing, ...found.narrowed].filter(({ said }) => !told.includes(said))
  return {
    groups: new Map(
      found.groups
        .filter(({ claim }) => claim !== 'possible')
        .map(({ group, facts }) => [group, facts]),
    ),
    rows: untold.map(({ said }) => fail('target groups', said)),
  }
}

function expectedOf(settings: Settings): Expected {
  const { LISTEN_ADDRESS, RESERVE_SECONDS, SETTLE_SECONDS, TARGET_GROUP_ARNS } = settings
  const settle = SETTLE_SECONDS === undefined ? {} : { settleMs: SETTLE_SECONDS }
  const groups = TARGET_GROUP_ARNS.map(({ arn }) => arn)
  return { port: LISTEN_ADDRESS.port, reserveMs: RESERVE_SECONDS, ...settle, groups }
}

function waitingOf(settings: Settings, graceMs: number): Waiting {
  const { RELEASE_WHEN: releaseWhen, RESERVE_SECONDS: reserveMs, SETTLE_SECONDS } = settings
  const settle = SETTLE_SECONDS === undefined ? {} : { settleMs: SETTLE_SECONDS }
  return { releaseWhen, reserveMs, graceMs, ...settle }
}
