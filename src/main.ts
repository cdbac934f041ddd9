import manifest from '../package.json' with { type: 'json' }
import { serve } from './commands/serve.ts'
import { wait } from './commands/wait.ts'
import { helpText } from './settings/help.ts'
import { readCommandLine } from './settings/read.ts'

const commandLine = readCommandLine(process.argv.slice(2), process.env)
switch (commandLine.kind) {
  case 'help':
    process.stdout.write(helpText())
    break
  case 'version':
    process.stdout.write(`${manifest.version}\n`)
    break
  case 'wrong':
    process.stderr.write(commandLine.faults.map((fault) => `${fault}\n`).join(''))
    process.exitCode = 2
    break
  case 'serve':
    await serve(commandLine.settings)
    break
  case 'lookout':
    await (await import('./commands/lookout.ts')).lookout(commandLine.settings)
    break
  case 'doctor':
    await (await import('./doctor/doctor.ts')).doctor(commandLine)
    break
  case 'drains':
    await (await import('./commands/drains.ts')).drains(commandLine.settings, commandLine.print)
    break
  case 'wait':
    await wait(commandLine.settings, commandLine.print)
}
