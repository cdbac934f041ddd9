import { endOf } from './end.ts'
import { overdueMs } from './fleet.ts'
import type { View } from './ports.ts'
import type { GroupProgress } from './progress.ts'

/**
 * How to look at a group, at `atMs`: by name, which costs a few hundred bytes whatever its size, as long
 * as nothing is needed that only a listing tells.
 */
export function viewOf(group: GroupProgress, atMs: number): View {
  const listing = { kind: 'listing' } as const
  const { failure, targets } = group
  if (targets.length === 0 || group.truth?.about === 'no-group') return listing
  // A named look that is refused may name a wrong zone.
  if (failure?.last.kind === 'malformed') return listing
  for (const target of targets) {
    // Only a listing tells how many drain beside us when we begin to, and whether the group fails open,
    // and so whether unhealthy targets are served.
    if (target.phase.kind === 'registered' || target.sighting.state === 'unhealthy') return listing
    // A target that is long overdue can be `draining` by name and absent from the listing.
    const end = target.phase.kind === 'draining' ? endOf(target, group) : undefined
    if (end && atMs > end.latestMs + overdueMs) return listing
  }
  return { kind: 'named', targets: targets.map(({ target }) => target) }
}
