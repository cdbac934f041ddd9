import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { Program } from '../footprint/process.ts'

/** A memory cgroup of our own, as a container has one. */
export interface MemoryGroup {
  /** The program, in the group from its first page on. */
  inside(program: Program): Program
  /** The most bytes that it ever had; undefined where the kernel does not say. */
  peak(): number | undefined
  /** How many of its processes the kernel killed for want of memory. */
  kills(): number
  /** Once its processes have ended. */
  remove(): Promise<void>
}

/** Why there is none. */
export interface NoGroup {
  readonly said: string
}

interface Files {
  readonly limit: string
  readonly peak: string
  readonly events: string
}

/** The names of cgroup v1 and v2 (Documentation/admin-guide/cgroup-v1/memory.rst, cgroup-v2.rst). */
const files: Readonly<Record<'v1' | 'v2', Files>> = {
  v1: {
    limit: 'memory.limit_in_bytes',
    peak: 'memory.max_usage_in_bytes',
    events: 'memory.oom_control',
  },
  v2: { limit: 'memory.max', peak: 'memory.peak', events: 'memory.events' },
}

/**
 * Makes a group below the root of the hierarchy: in v2 none can be made below one that has processes.
 *
 * @param mounts As /proc/mounts.
 */
export function createMemoryGroup(limit: number, mounts = '/proc/mounts'): MemoryGroup | NoGroup {
  try {
    const root = rootOf(readFileSync(mounts, 'utf8'))
    if (!root) return { said: 'no memory cgroups here' }
    const names = files[root.version]
    const path = join(root.path, `draingate-flood-${process.pid}`)
    mkdirSync(path)
    try {
      writeFileSync(join(path, names.limit), String(limit))
    } catch (error) {
      rmdirSync(path)
      throw error
    }
    return groupAt(path, names)
  } catch (error) {
    return { said: `no memory cgroup: ${(error as Error).message}` }
  }
}

/** Where groups of memory are mounted. */
export function rootOf(mounts: string): { version: 'v1' | 'v2'; path: string } | undefined {
  const rows = mounts.split('\n').map((line) => line.split(' '))
  const v1 = rows.find(
    ([, , type, options]) => type === 'cgroup' && options?.split(',').includes('memory'),
  )
  if (v1?.[1]) return { version: 'v1', path: v1[1] }
  const v2 = rows.find(([, , type]) => type === 'cgroup2')
  return v2?.[1] ? { version: 'v2', path: v2[1] } : undefined
}

function groupAt(path: string, names: Files): MemoryGroup {
  const read = (name: string) => {
    try {
      return readFileSync(join(path, name), 'utf8')
    } catch {
      return ''
    }
  }
  return {
    inside: ({ command, args, env }) => ({
      command: '/bin/sh',
      // Moved later, what it has by then would still be counted elsewhere.
      args: ['-c', 'echo $$ > "$0" && exec "$@"', join(path, 'cgroup.procs'), command, ...args],
      env,
    }),
    peak: () => Number.parseInt(read(names.peak), 10) || undefined,
    kills: () => Number(/^oom_kill (\d+)$/m.exec(read(names.events))?.[1] ?? 0),
    async remove() {
      for (let left = 50; left > 0; left -= 1) {
        try {
          return rmdirSync(path)
        } catch {
          // Its last process may not be quite gone.
          await setTimeout(100)
        }
      }
    },
  }
}
