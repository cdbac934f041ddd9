import type { FoundGroup } from '../ports.ts'
import { failedAgain } from './failures.ts'
import { beginGroup, type Fact, type GroupProgress, type Progress } from './progress.ts'

/** Adds what a search found. */
export function search(
  { search: before, groups, ...rest }: Progress,
  { askedAtMs, answeredAtMs, answer }: Fact & { kind: 'searched' },
): Progress {
  const { missing, narrowed, more } = answer
  const all = withFound(groups, answer.groups, answeredAtMs)
  const [because] = missing
  const fromMs = before ? askedAtMs : rest.startedAtMs
  const failure = because && { failure: failedAgain(before?.failure, because, fromMs) }
  const isNone = all.every(({ claim }) => claim === 'possible')
  const noneFirstMs = missing.length === 0 ? answeredAtMs : undefined
  const noneAtMs = isNone ? (before?.noneAtMs ?? noneFirstMs) : undefined
  const answered = { askedAtMs, answeredAtMs, missing, narrowed, more, ...failure }
  return {
    ...rest,
    groups: all,
    search: { ...answered, ...(noneAtMs === undefined ? {} : { noneAtMs }) },
  }
}

/** A group is never forgotten; one that was only possible may turn out to be the pod's. */
function withFound(
  groups: readonly GroupProgress[],
  found: readonly FoundGroup[],
  atMs: number,
): readonly GroupProgress[] {
  const known = groups.map((group) => {
    const claim = found.find((one) => one.group === group.group)?.claim
    return claim && group.claim === 'possible' ? { ...group, claim } : group
  })
  const fresh = found
    .filter((one) => !groups.some(({ group }) => group === one.group))
    .map(({ group, claim, facts }) => beginGroup(group, claim, facts, atMs))
  const all = [...known, ...fresh]
  // Where a binding is the pod's, nobody waits for those that are only possible; but where a listing has shown
  // it in one of these, it may be in others as well.
  const isFound = found.some(({ claim }) => claim !== 'possible')
  return isFound ? all.filter(({ claim }) => claim !== 'possible') : all
}
