import { join } from 'node:path'
import type { Program } from './process.ts'

/** Those of the image's entry point. */
export const flags = ['--max-semi-space-size=1', '--optimize-for-size'] as const

const root = join(import.meta.dirname, '../..')
const env = { PATH: '', NODE_ENV: 'production' }

/** The bundle of `npm run build`, as the image runs it. */
export function draingate(node: string, settings: Readonly<Record<string, string>>): Program {
  return {
    command: node,
    args: [...flags, join(root, 'dist/draingate.js')],
    env: { ...env, LISTEN_ADDRESS: '127.0.0.1:0', ...settings },
  }
}

export function bareServer(node: string): Program {
  const script = join(import.meta.dirname, 'bare-server.js')
  return { command: node, args: [...flags, script], env }
}

/** What a hook needs that only sleeps, if the image has it. */
export const sleep: Program = { command: '/bin/sleep', args: ['3600'], env }
