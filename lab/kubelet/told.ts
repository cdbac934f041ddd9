import type { PodEvent } from './spec.ts'

/** What happened to a pod, in a person's words; undefined for what only the lab itself is interested in. */
export function told({ kind, container, detail }: PodEvent): string | undefined {
  switch (kind) {
    case 'ready':
    case 'deleted':
    case 'ended':
      return kind
    case 'hook-started':
      return 'preStop hook called'
    case 'hook-ended':
      return 'preStop hook answered'
    case 'hook-failed':
      return `preStop hook failed: ${detail}`
    case 'sigterm':
      return container === 'app' ? 'SIGTERM for the app' : undefined
    case 'sigkill':
      return `SIGKILL for ${container}`
    default:
      return undefined
  }
}
