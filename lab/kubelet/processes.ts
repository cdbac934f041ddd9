import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** How a process ended: an exit code, or the signal that ended it. */
export interface Exit {
  code: number | undefined
  signal: NodeJS.Signals | undefined
}

/** One running process, the leader of its own process group. */
export interface Running {
  exited: Promise<Exit>
  over(): boolean
  /** As a container runtime does it: SIGKILL goes to all of them, any other to the main process. */
  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
}

export interface Processes {
  start(
    command: readonly [string, ...string[]],
    env: Record<string, string>,
    line?: (text: string) => void,
  ): Running
  /** SIGKILL to every group; resolves when all are gone. */
  close(): Promise<void>
}

// Kills what is left when the pipe to the lab closes, which it does however the lab ends: a handler
// for this process's own exit would miss a SIGKILL. A shell starts in a millisecond.
const reaperScript = `
trap '' INT TERM HUP
groups=' '
while read -r sign group; do
  if [ "$sign" = + ]; then groups="$groups$group "
  else groups="\${groups%% $group *} \${groups#* $group }"; fi
done
for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done
`

/** Child processes that never outlive this one. `PATH` is the only variable that they inherit. */
export function createProcesses(): Processes {
  const running = new Set<Running>()
  const reaper = spawn('/bin/sh', ['-c', reaperScript], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  reaper.on('error', () => undefined)
  reaper.stdin.on('error', () => undefined)
  reaper.unref()
  if ('unref' in reaper.stdin && typeof reaper.stdin.unref === 'function') reaper.stdin.unref()
  let closed = false

  return {
    start([file, ...args], env, line) {
      if (closed) throw new Error('the processes of this lab are closed')
      const child = spawn(file, args, {
        detached: true,
        env: { PATH: process.env.PATH ?? '', ...env },
        stdio: line === undefined ? 'ignore' : ['ignore', 'pipe', 'pipe'],
      })
      if (line !== undefined) readLines(child, line)
      const tell = (sign: '+' | '-') =>
        child.pid === undefined || reaper.stdin.write(`${sign} ${child.pid}\n`)
      tell('+')
      const started = follow(child, () => {
        tell('-')
        running.delete(started)
      })
      running.add(started)
      return started
    },
    async close() {
      closed = true
      const left = [...running]
      for (const each of left) each.signal('SIGKILL')
      await Promise.all(left.map((each) => each.exited))
      reaper.stdin.end()
    },
  }
}

function follow(child: ChildProcess, gone: () => void): Running {
  let over = false
  const { pid } = child
  const exited = new Promise<Exit>((resolve) => {
    const end = (code: number | null, signal: NodeJS.Signals | null) => {
      if (over) return
      over = true
      // What a container's main process leaves behind dies with it, as in a PID namespace.
      if (pid !== undefined) kill(-pid, 'SIGKILL')
      gone()
      resolve({ code: code ?? undefined, signal: signal ?? undefined })
    }
    child.once('exit', end)
    // 127, as a shell answers for a command that cannot be started.
    child.once('error', () => (pid === undefined ? end(127, null) : undefined))
  })
  return {
    exited,
    over: () => over,
    signal(name) {
      if (!over && pid !== undefined) kill(name === 'SIGKILL' ? -pid : pid, name)
    },
  }
}

function kill(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself a moment ago.
  }
}

function readLines(child: ChildProcess, line: (text: string) => void): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', line)
  }
}
