import { isOfNodes } from '../judgement/clear.ts'
import { type Limits, settleOfGroup } from '../judgement/limits.ts'
import type { GroupProgress } from '../knowledge/progress.ts'
import { keyOf } from '../target.ts'
import type { Change } from './change.ts'

/** What is now known otherwise of a group. */
export function groupChanges(
  before: GroupProgress,
  after: GroupProgress,
  limits: Limits,
): Change[] {
  return [
    ...sightingChanges(before, after),
    ...troubleChanges(before, after),
    ...guessChanges(before, after, limits),
    ...(limits.releaseWhen === 'idle' ? trafficChanges(before, after) : []),
  ]
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
  if (limits.settleMs !== undefined || isKindUnknown(before) || !isKindUnknown(after)) return []
  return [{ kind: 'unknown-kind', group: after.group, settleMs: settleOfGroup(after, limits) }]
}

function isKindUnknown({ described, facts }: GroupProgress): boolean {
  return described !== undefined && facts.loadBalancer === undefined
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
