import { isOfNodes, isTakenForAlb, settleOfGroup } from './clear.ts'
import { type ShortGrace, shortGraceOf } from './grace.ts'
import type { Limits } from './limits.ts'
import type { Pace } from './pace.ts'
import type { Verdict } from './policy.ts'
import type { Failure, PodSeen } from './ports.ts'
import { beginGroup, type GroupProgress, type Progress, type SearchProgress } from './progress.ts'
import { keyOf, type Phase, type Sighting } from './target.ts'

/** What is worth telling a person about a drain: what is now otherwise than it was. */
export type Change =
  | { readonly kind: 'phase'; readonly sighting: Sighting; readonly phase: Phase }
  | { readonly kind: 'absent'; readonly group: string }
  | { readonly kind: 'pace'; readonly group: string; readonly pace: Pace; readonly inMs: number }
  /** Looks at a group fail, or fail in another way than before. */
  | { readonly kind: 'trouble'; readonly group: string; readonly failure: Failure }
  | { readonly kind: 'recovered'; readonly group: string }
  /** A fact about the group could not be learnt: the drain goes on with less. */
  | { readonly kind: 'undescribed'; readonly group: string; readonly failure: Failure }
  /** What kind of load balancer it is may not be asked for: taken for an ALB, with its settle time. */
  | { readonly kind: 'guessed'; readonly group: string; readonly settleMs: number }
  /** The group's targets are nodes: there is nothing of this pod to look at. */
  | { readonly kind: 'nodes'; readonly group: string }
  /** Its delay is longer than the grace period has room for: the drain will meet its deadline. */
  | ({ readonly kind: 'grace-too-short'; readonly group: string } & ShortGrace)
  /** The group's traffic has no connections that could be counted. */
  | { readonly kind: 'datagrams'; readonly group: string }
  /** Nor is it known whether it has any. */
  | { readonly kind: 'unknown-traffic'; readonly group: string }
  /** The pod's connections cannot be counted. */
  | { readonly kind: 'uncounted'; readonly failure: Failure }
  /** The search is over: these are the pod's groups, or there are none. */
  | { readonly kind: 'found'; readonly groups: readonly string[] }
  /** The search failed, or was not a whole one. */
  | { readonly kind: 'unsearched'; readonly failure: Failure }
  | { readonly kind: 'pod'; readonly seen: PodSeen }
  | { readonly kind: 'pod-unseen'; readonly failure: Failure }

/** Where a drain stands: what is known and what follows from it. */
export interface Position {
  readonly progress: Progress
  readonly verdict: Verdict
}

/** What changed from one step of a drain to the next. */
export function changesBetween(
  before: Position,
  after: Position,
  now: number,
  limits: Limits,
): Change[] {
  const groups = after.progress.groups.flatMap((group, index) => {
    const earlier = before.progress.groups[index] ?? beginGroup(group.group, {}, group.knownAtMs)
    return [
      ...sightingChanges(earlier, group),
      ...troubleChanges(earlier, group),
      ...guessChanges(earlier, group, limits),
      ...(limits.releaseWhen === 'idle' ? trafficChanges(earlier, group) : []),
      ...graceChanges(
        group.group,
        shortGraceOf(earlier, before.progress, limits),
        shortGraceOf(group, after.progress, limits),
      ),
      ...paceChanges(before.verdict, after.verdict, group.group, now),
    ]
  })
  return [
    ...searchChanges(before.progress, after.progress),
    ...groups,
    ...podChanges(before.progress, after.progress),
  ]
}

function searchChanges(before: Progress, { groups, search }: Progress): Change[] {
  if (!search) return []
  const said = failuresOf(before.search).map((earlier) => earlier.said)
  const changes = failuresOf(search)
    .filter((failure) => !said.includes(failure.said))
    .map((failure): Change => ({ kind: 'unsearched', failure }))
  const found = groups.length > before.groups.length
  const none = search.noneAtMs !== undefined && before.search?.noneAtMs === undefined
  if (found || none) changes.push({ kind: 'found', groups: groups.map(({ group }) => group) })
  return changes
}

function failuresOf(search: SearchProgress | undefined): readonly Failure[] {
  return search ? [...search.missing, ...search.narrowed] : []
}

function podChanges(before: Progress, after: Progress): Change[] {
  const changes: Change[] = []
  const { connections, pod } = after
  if (connections?.failure && !before.connections?.failure) {
    changes.push({ kind: 'uncounted', failure: connections.failure })
  }
  if (pod?.failure && pod.failure.kind !== before.pod?.failure?.kind) {
    changes.push({ kind: 'pod-unseen', failure: pod.failure })
  }
  const seen = pod?.seen
  const same =
    seen?.deletion === before.pod?.seen?.deletion &&
    seen?.graceEndsAtMs === before.pod?.seen?.graceEndsAtMs
  if (seen && !same && seen.deletion !== 'cannot-tell') changes.push({ kind: 'pod', seen })
  return changes
}

function sightingChanges(before: GroupProgress, after: GroupProgress): Change[] {
  const known = new Map(before.targets.map((target) => [keyOf(target.target), target]))
  const phases = after.targets.flatMap(({ target, sighting, phase }): Change[] => {
    const earlier = known.get(keyOf(target))
    const same = earlier?.phase.kind === phase.kind && earlier.sighting.state === sighting.state
    return same ? [] : [{ kind: 'phase', sighting, phase }]
  })
  const vanished = before.absentAtMs === undefined && after.absentAtMs !== undefined
  return vanished ? [...phases, { kind: 'absent', group: after.group }] : phases
}

function troubleChanges(before: GroupProgress, after: GroupProgress): Change[] {
  const { group } = after
  const undescribed = (after.described?.missing ?? [])
    .filter(({ kind }) => !before.described?.missing.some((earlier) => earlier.kind === kind))
    .map((failure): Change => ({ kind: 'undescribed', group, failure }))
  if (isOfNodes(after) && !isOfNodes(before)) undescribed.push({ kind: 'nodes', group })
  const failure = after.failure?.last
  if (failure && failure.kind !== before.failure?.last.kind) {
    return [...undescribed, { kind: 'trouble', group, failure }]
  }
  return before.failure && !failure ? [...undescribed, { kind: 'recovered', group }] : undescribed
}

function guessChanges(before: GroupProgress, after: GroupProgress, limits: Limits): Change[] {
  if (limits.settleMs !== undefined || isTakenForAlb(before) || !isTakenForAlb(after)) return []
  return [{ kind: 'guessed', group: after.group, settleMs: settleOfGroup(after, limits) }]
}

function trafficChanges(before: GroupProgress, after: GroupProgress): Change[] {
  const [earlier, traffic] = [uncountable(before), uncountable(after)]
  return traffic && traffic !== earlier ? [{ kind: traffic, group: after.group }] : []
}

function uncountable({
  facts,
  described,
}: GroupProgress): 'datagrams' | 'unknown-traffic' | undefined {
  if (facts.traffic === 'datagrams') return 'datagrams'
  return described && facts.traffic === undefined ? 'unknown-traffic' : undefined
}

function graceChanges(
  group: string,
  before: ShortGrace | undefined,
  after: ShortGrace | undefined,
): Change[] {
  return after && !before ? [{ kind: 'grace-too-short', group, ...after }] : []
}

function paceChanges(before: Verdict, after: Verdict, group: string, now: number): Change[] {
  const look = lookOf(after, group)
  if (!look || look.pace === lookOf(before, group)?.pace || look.pace === 'first') return []
  return [{ kind: 'pace', group, pace: look.pace, inMs: Math.max(0, look.atMs - now) }]
}

function lookOf(verdict: Verdict, group: string) {
  if (verdict.kind === 'release') return undefined
  return verdict.asks.filter((ask) => ask.kind === 'look').find((look) => look.group === group)
}
