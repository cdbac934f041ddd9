import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'

/** Why promtool cannot be run here; false when it can. It comes with Prometheus. */
export const noPromtool: string | false =
  spawnSync('promtool', ['--version']).status === 0 ? false : 'promtool is not installed'

/** Runs it to its end with something to read. */
export async function promtool(args: readonly string[], input = '') {
  const child = spawn('promtool', args)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (data) => {
      said += data
    })
  }
  child.stdin.end(input)
  const [code] = await once(child, 'close')
  return { code, said }
}
