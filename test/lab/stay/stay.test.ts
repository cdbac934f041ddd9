import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { pause } from '../../e2e/lab-scene.ts'

const main = join(import.meta.dirname, '../../../lab/stay/main.ts')
const run = promisify(execFile)

function start(t: Test) {
  const child = spawn(process.execPath, [main])
  t.teardown(() => child.kill('SIGKILL'))
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (data) => {
      text += data
    })
  }
  return { child, said: (what: RegExp) => saidBy(child, () => text, what) }
}

/** Waits until it has been said, and gives the first group of it. */
async function saidBy(child: ChildProcessWithoutNullStreams, text: () => string, what: RegExp) {
  while (!what.test(text())) {
    if (child.exitCode !== null) throw new Error(`it ended: ${text()}`)
    await pause(50)
  }
  return what.exec(text())?.[1] ?? ''
}

t.test('a cluster that stays, with all that it says to type', async (t) => {
  const { child, said } = start(t)
  const folder = await said(/(\/\S+)\/web-1 doctor/)
  const status = await said(/curl -s (\S+\/status)/)
  const page = await said(/page of all drains +(\S+)/)
  t.match(await (await fetch(status)).json(), { state: 'idle' })
  t.match(await (await fetch(page)).text(), /<title>/)
  const doctor = await run(`${folder}/web-1`, ['doctor'])
  t.match(doctor.stdout, /\b0 fail/)
  const all = await run(`${folder}/lookout-0`, ['doctor', '--all'])
  t.match(all.stdout, /\b0 fail/)

  child.stdin.write('web-9\n')
  await said(/No pod web-9/)
  child.stdin.write('web-1\n')
  await said(/web-1 +draingate: target is draining/)
  t.match(await (await fetch(status)).json(), { state: 'draining' })
  for (const lookout of ['lookout-0', 'lookout-1']) {
    const { stdout } = await run(`${folder}/${lookout}`, ['drains'])
    t.match(stdout, /shop\/web-1 +draining/, `${lookout} shows it`)
  }
  await said(/(web-4) serves in the place of web-1/)

  child.kill('SIGINT')
  const [code] = await once(child, 'close')
  t.equal(code, 0)
  t.notOk(existsSync(folder), 'nothing is left')
})
