import { textTable } from '../world/print.ts'
import type { Called } from './kubelet.ts'
import type { Run } from './run.ts'

/** Each flood with what it took and what it did to the kubelet's calls. */
export function floodTable(runs: readonly Run[]): string {
  return textTable([
    [
      'flood',
      ...['cgroup MiB', 'RSS MiB', 'before', 'in', 'after'],
      ...['probes answered', 'slowest ms', 'shed'],
    ],
    ...runs.map((run) => [
      run.kills > 0 ? `${run.name} (killed)` : run.name,
      mebibytes(run.groupPeak),
      mebibytes(run.rssPeak),
      ...run.hooks.map((hook) => late(hook, run.dueAtMs)),
      `${run.probed.answered} of ${run.probed.asked}`,
      run.probed.longestMs.toFixed(0),
      String(run.shed),
    ]),
  ])
}

/** Seconds after it was due; before that it must not be answered either. */
function late(hook: Called, dueAtMs: number): string {
  const seconds = ((hook.atMs - dueAtMs) / 1_000).toFixed(2)
  return hook.kind === 'answered' ? seconds : `${hook.said} at ${seconds}`
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? '-' : (bytes / 2 ** 20).toFixed(1)
}
