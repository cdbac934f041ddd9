import { type ShortGrace, shortGraceOf } from '../judgement/grace.ts'
import type { Hook, Limits } from '../judgement/limits.ts'
import { wasDeregistered } from '../judgement/standing.ts'
import { leavesForGood } from '../knowledge/learn.ts'
import {
  beginGroup,
  type GroupProgress,
  type Progress,
  type SearchProgress,
} from '../knowledge/progress.ts'
import type { Verdict } from '../policy.ts'
import type { Failure } from '../ports.ts'
import type { Change, Position } from './change.ts'
import { groupChanges } from './group-changes.ts'

/** What changed from one step of a drain to the next. */
export function changesBetween(
  before: Position,
  after: Position,
  hook: Hook,
  now: number,
  limits: Limits,
): Change[] {
  const groups = after.progress.groups.flatMap((group) => {
    const { group: arn, claim, knownAtMs } = group
    const known = before.progress.groups.find((one) => one.group === arn)
    const earlier = known ?? beginGroup(arn, claim, {}, knownAtMs)
    return [
      ...groupChanges(earlier, group, limits),
      ...graceChanges(
        arn,
        shortGraceOf(earlier, before.progress, hook, limits),
        shortGraceOf(group, after.progress, hook, limits),
      ),
      ...paceChanges(before.verdict, after.verdict, arn, now),
    ]
  })
  return [
    ...searchChanges(before.progress, after.progress),
    ...groups,
    ...podChanges(before.progress, after.progress),
    ...(isLeaving(after.progress) && !isLeaving(before.progress)
      ? [{ kind: 'leaving' as const }]
      : []),
  ]
}

/** Deleted, or ended by its kubelet; where that cannot be told, seen to leave its target groups. */
function isLeaving(progress: Progress): boolean {
  const seen = progress.pod?.seen
  const left = progress.groups.some(({ targets }) => targets.some(wasDeregistered))
  return leavesForGood(seen) || (seen?.deletion !== 'staying' && left)
}

function searchChanges(before: Progress, { groups, search }: Progress): Change[] {
  if (!search) return []
  const said = failuresOf(before.search).map((earlier) => earlier.said)
  const changes = failuresOf(search)
    .filter((failure) => !said.includes(failure.said))
    .map((failure): Change => ({ kind: 'unsearched', failure }))
  const isNew = groups.some(({ group }) => !before.groups.some((one) => one.group === group))
  const none = search.noneAtMs !== undefined && before.search?.noneAtMs === undefined
  if (isNew || none) {
    const [found, possible] = [named(groups, 'found'), named(groups, 'possible')]
    changes.push({ kind: 'found', groups: found, possible, more: search.more })
  }
  return changes
}

function named(groups: readonly GroupProgress[], which: 'found' | 'possible'): string[] {
  const those = groups.filter(({ claim }) => (claim === 'possible') === (which === 'possible'))
  return those.map(({ group }) => group)
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
