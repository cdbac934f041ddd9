import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { createProcesses } from '../../../lab/kubelet/processes.ts'

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // In a container PID 1 may be slow to bury an orphan, or never do it.
    return !existsSync('/proc/self') || !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

async function dead(pid: number): Promise<void> {
  while (alive(pid)) await new Promise((resolve) => setTimeout(resolve, 5))
}

t.test('a process sees what it is given, and nothing of the lab’s own but PATH', async (t) => {
  process.env.LAB_SECRET = 'hidden'
  const processes = createProcesses()
  t.teardown(processes.close)
  const lines: string[] = []
  const script = 'echo "$POD_NAME"; echo "$LAB_SECRET"; echo "$PATH"'
  const { exited } = processes.start(['/bin/sh', '-c', script], { POD_NAME: 'web-0' }, (text) => {
    lines.push(text)
  })
  t.strictSame(await exited, { code: 0, signal: undefined })
  while (lines.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
  t.strictSame(lines, ['web-0', '', process.env.PATH])
})

t.test('what a main process leaves behind dies with it', async (t) => {
  const processes = createProcesses()
  t.teardown(processes.close)
  const line = Promise.withResolvers<string>()
  const script = 'sleep 600 & echo $!; exit 0'
  await processes.start(['/bin/sh', '-c', script], {}, line.resolve).exited
  await t.resolves(dead(Number(await line.promise)))
})

t.test('close kills whole groups, and nothing starts after it', async (t) => {
  const processes = createProcesses()
  const line = Promise.withResolvers<string>()
  const script = 'trap "" TERM; sleep 600 & echo $!; wait'
  const started = processes.start(['/bin/sh', '-c', script], {}, line.resolve)
  const child = Number(await line.promise)
  t.notOk(started.over())
  await processes.close()
  t.ok(started.over())
  t.strictSame(await started.exited, { code: undefined, signal: 'SIGKILL' })
  await t.resolves(dead(child))
  t.throws(() => processes.start(['/bin/sh', '-c', ':'], {}), /closed/)
})

t.test('nothing outlives a lab that is killed', async (t) => {
  const module = new URL('../../../lab/kubelet/processes.ts', import.meta.url).href
  const program = `
    import { createProcesses } from ${JSON.stringify(module)}
    const processes = createProcesses()
    await processes.start(['/bin/sh', '-c', ':'], {}).exited
    const script = 'trap "" TERM; echo $$; while :; do sleep 0.05; done'
    processes.start(['/bin/sh', '-c', script], {}, (line) => process.stdout.write(line))
  `
  const lab = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [pid] = await once(lab.stdout, 'data')
  t.ok(alive(Number(pid)))
  lab.kill('SIGKILL')
  await t.resolves(dead(Number(pid)))
})

t.test('processes that are idle keep no lab alive', async (t) => {
  const module = new URL('../../../lab/kubelet/processes.ts', import.meta.url).href
  const program = `import { createProcesses } from ${JSON.stringify(module)}; createProcesses()`
  const lab = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env: { PATH: process.env.PATH },
    stdio: 'inherit',
  })
  const [code] = await once(lab, 'exit')
  t.equal(code, 0)
})
