import { join } from 'node:path'
import type { Program } from './process.ts'

/** Those of the image's entry point. */
export const flags = ['--max-semi-space-size=1', '--optimize-for-size'] as const

/** A Node.js, and where it keeps the code that it has compiled. */
export interface Runtime {
  readonly node: string
  readonly cache?: string
}

const root = join(import.meta.dirname, '../..')
const env = { PATH: '', NODE_ENV: 'production' }

/** The bundle of `npm run build`, as the image runs it. */
export function draingate(on: Runtime, settings: Readonly<Record<string, string>>): Program {
  const bundle = join(root, 'dist/draingate.js')
  return withFlags(on, bundle, { LISTEN_ADDRESS: '127.0.0.1:0', ...settings })
}

export function bareServer(on: Runtime): Program {
  return withFlags(on, join(import.meta.dirname, 'bare-server.js'), {})
}

function withFlags({ node, cache }: Runtime, script: string, settings: object): Program {
  const compiled = cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }
  return {
    command: node,
    args: [...flags, script],
    env: { ...env, ...compiled, ...settings },
  }
}

/** What a hook needs that only sleeps, if the image has it. */
export const sleep: Program = { command: '/bin/sleep', args: ['3600'], env }
