import { readdirSync, readFileSync } from 'node:fs'

/** A process's memory in bytes. */
export interface Memory {
  /** Resident: what a memory limit counts, and more, for pages of files may be shared. */
  readonly rss: number
  /** Resident, with a page that several processes share counted in parts: what the node pays. */
  readonly pss: number
  /** The part of it that no other process can share. */
  readonly anon: number
  /** The most that `rss` ever was. */
  readonly peak: number
}

/** What a process has right now; undefined where there is no /proc, as on macOS. */
export function memoryOf(pid: number, proc = '/proc'): Memory | undefined {
  try {
    const rollup = readFileSync(`${proc}/${pid}/smaps_rollup`, 'latin1')
    const status = readFileSync(`${proc}/${pid}/status`, 'latin1')
    return {
      rss: kilobytes(rollup, 'Rss'),
      pss: kilobytes(rollup, 'Pss'),
      anon: kilobytes(rollup, 'Anonymous'),
      peak: kilobytes(status, 'VmHWM'),
    }
  } catch {
    return undefined
  }
}

/** The processor time that a process has used, in milliseconds; undefined where there is no /proc. */
export function cpuMsOf(pid: number, proc = '/proc'): number | undefined {
  try {
    // Nanoseconds, by thread: /proc/PID/stat counts in hundredths of a second, and a quiet minute has few.
    const threads = readdirSync(`${proc}/${pid}/task`)
    const spent = threads.map((thread) => {
      const [onCpu] = readFileSync(`${proc}/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')
      return Number(onCpu)
    })
    return spent.reduce((sum, ns) => sum + ns, 0) / 1e6
  } catch {
    return undefined
  }
}

function kilobytes(text: string, name: string): number {
  const [, value] = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text) ?? []
  return value === undefined ? Number.NaN : Number(value) * 1_024
}
