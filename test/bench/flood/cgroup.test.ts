import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createMemoryGroup, rootOf } from '../../../bench/flood/cgroup.ts'

/** A folder as if cgroups were mounted there, and the table of mounts that says so. */
function mounted(t: Test, type: 'cgroup' | 'cgroup2', options: string) {
  const folder = t.testdir()
  const root = join(folder, 'memory')
  mkdirSync(root)
  const mounts = join(folder, 'mounts')
  writeFileSync(mounts, `proc /proc proc rw 0 0\ncgroup ${root} ${type} ${options} 0 0\n`)
  return { root, mounts }
}

const program = { command: '/usr/bin/node', args: ['main.js'], env: { A: '1' } }
const names = {
  cgroup: ['memory.limit_in_bytes', 'memory.max_usage_in_bytes', 'memory.oom_control'],
  cgroup2: ['memory.max', 'memory.peak', 'memory.events'],
} as const

for (const type of ['cgroup', 'cgroup2'] as const) {
  t.test(`a group of ${type}`, async (t) => {
    const { root, mounts } = mounted(t, type, 'rw,relatime,memory')
    const group = createMemoryGroup(1_024, mounts)
    if ('said' in group) throw new Error(group.said)
    const [name = ''] = readdirSync(root)
    const path = join(root, name)
    const [limit, peak, events] = names[type]
    t.equal(readFileSync(join(path, limit), 'utf8'), '1024')
    t.equal(group.peak(), undefined, 'a kernel that does not say')
    writeFileSync(join(path, peak), '4096\n')
    writeFileSync(join(path, events), 'under_oom 0\noom_kill 2\n')
    t.equal(group.peak(), 4_096)
    t.equal(group.kills(), 2)
    const { command, args, env } = group.inside(program)
    t.equal(command, '/bin/sh')
    t.strictSame(args.slice(-3), [join(path, 'cgroup.procs'), '/usr/bin/node', 'main.js'])
    t.strictSame(env, program.env)
    for (const file of readdirSync(path)) rmSync(join(path, file))
    await group.remove()
    t.strictSame(readdirSync(root), [])
  })
}

t.test('where there is none, it says so', async (t) => {
  t.equal(rootOf('proc /proc proc rw 0 0\ncgroup /c/cpu cgroup rw,cpu 0 0\n'), undefined)
  t.match(createMemoryGroup(1, join(t.testdir(), 'no mounts')), { said: /ENOENT/ })
  const { mounts, root } = mounted(t, 'cgroup', 'rw,memory')
  rmSync(root, { recursive: true })
  t.match(createMemoryGroup(1, mounts), { said: /no memory cgroup: ENOENT/ })
})
