import type { Cluster, Inspection } from '../cluster/cluster.ts'
import type { Discovery } from '../cluster/finding/source.ts'
import type { Expected } from '../cluster/wiring/warnings.ts'
import type { Eyes, Reach } from '../compose/eyes.ts'
import type { Failure } from '../drain/ports.ts'
import type { GroupFacts } from '../drain/target.ts'
import type { Reading } from '../settings/read.ts'
import { graceOf, type Settings } from '../settings/settings.ts'
import { groupRows, identityRow, type Waiting } from './aws-rows.ts'
import { podRows, ruleRows, type Subject } from './cluster-rows.ts'
import { lookoutRows } from './lookout-rows.ts'
import { fail, ok, type Row } from './row.ts'

/** A pod, and with what it looks. */
export interface Scene {
  readonly eyes: Omit<Eyes, 'apart'>
  /** Whose identity to show: the pod's own, or that of whoever looks at it from outside. */
  readonly who?: Subject['kind'] | undefined
  /** Whose rules to check, where the API server is asked with them. */
  readonly rules?: (Reach & { readonly subject: Subject }) | undefined
  /** Why the pod cannot be read: what did not answer once is not waited for again. */
  readonly unread?: Failure
}

/** Nobody calls it off: each question has its own bound. */
const never = new AbortController().signal

/** Checks all that a drain of this pod would need, with the eyes that it would have. */
export async function examine({ settings, faults }: Reading, scene: Scene): Promise<Row[]> {
  const { eyes, rules, who } = scene
  const { balancer, cluster, aws, lookout } = eyes
  const inspection = scene.unread ?? (await cluster?.inspect(never))
  const inspected = inspection?.kind === 'inspected' ? inspection : undefined
  const rows = faults.map((fault) => fail('settings', fault))
  if (faults.length === 0) rows.push(ok('settings', 'all of them can be read'))
  if (lookout) rows.push(...lookoutRows(await lookout.check(never), settings))
  if (inspection?.kind === 'inspected') rows.push(...podRows(inspection, expectedOf(settings)))
  else if (inspection) rows.push(fail('pod', inspection.said))
  if (rules && inspection?.kind !== 'unreachable') {
    rows.push(...(await ruleRows(rules.api, rules.name, rules.subject, never)))
  }
  if (who) rows.push(await identityRow(aws, who, never))
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
