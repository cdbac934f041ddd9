import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A Node.js to measure on. */
export interface Line {
  /** As `node --version` says. */
  readonly version: string
  readonly node: string
}

/** The Node.js that runs this. */
export const ownLine: Line = { version: process.version, node: process.execPath }

/**
 * Installs the newest Node.js of a release line, by the npm package `node`, and takes it away when
 * `use` is done.
 *
 * @throws What npm says when there is no such line, or no registry.
 */
export async function withLine<T>(line: string, use: (line: Line) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'node-line-'))
  try {
    const quietly = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error']
    // The package fetches the binary in an install script.
    const scripts = ['--ignore-scripts=false', '--foreground-scripts=false']
    await run('npm', ['install', `node@${line}`, '--prefix', folder, ...quietly, ...scripts])
    const node = join(folder, 'node_modules/node/bin/node')
    const { stdout } = await run(node, ['--version'])
    return await use({ version: stdout.trim(), node })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
