import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Test } from 'tap'

/** A network of two namespaces on one cable: the pod's, and one for everybody else. */
export interface Namespaces {
  /** Runs a program of Node.js in a namespace; resolves when it has printed its first line. */
  run(where: 'pod' | 'outside', program: string): Promise<ChildProcess>
}

/** Why there cannot be namespaces here; empty when there can. */
export function whyNoNamespaces(): string {
  if (process.platform !== 'linux') return 'network namespaces need Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  const probe = nameOf('probe')
  try {
    ip('netns', 'add', probe)
    ip('netns', 'delete', probe)
    return ''
  } catch (error) {
    return `network namespaces cannot be made here: ${String(error).split('\n').at(-1)}`
  }
}

/** Makes the two, with their addresses, and takes all away when the test ends. */
export function makeNamespaces(
  t: Test,
  addresses: Record<'pod' | 'outside', readonly string[]>,
): Namespaces {
  for (const where of ['pod', 'outside'] as const) {
    ip('netns', 'add', nameOf(where))
    t.teardown(() => ip('netns', 'delete', nameOf(where)))
  }
  const peer = ['peer', 'name', 'eth0', 'netns', nameOf('outside')]
  ip('-n', nameOf('pod'), 'link', 'add', 'eth0', 'type', 'veth', ...peer)
  for (const where of ['pod', 'outside'] as const) {
    ip('-n', nameOf(where), 'link', 'set', 'lo', 'up')
    ip('-n', nameOf(where), 'link', 'set', 'eth0', 'up')
    for (const address of addresses[where]) {
      // Without duplicate address detection an IPv6 address can be used at once.
      const atOnce = address.includes(':') ? ['nodad'] : []
      ip('-n', nameOf(where), 'address', 'add', address, 'dev', 'eth0', ...atOnce)
    }
  }
  return {
    async run(where, program) {
      const node = [process.execPath, '--eval', program]
      const child = spawn('ip', ['netns', 'exec', nameOf(where), ...node], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      t.teardown(async () => {
        if (child.kill('SIGKILL')) await once(child, 'exit')
      })
      await Promise.race([
        once(child.stdout, 'data'),
        once(child, 'exit').then(() => Promise.reject(new Error(`it ended: ${program}`))),
      ])
      return child
    },
  }
}

function nameOf(what: string): string {
  return `draingate-test-${process.pid}-${what}`
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
