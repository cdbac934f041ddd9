import type { Setting } from './kinds.ts'
import { flagOf } from './read.ts'
import { settings } from './settings.ts'

const table = Object.entries<Setting<unknown>>(settings)

/** What `--help` prints. */
export function helpText(): string {
  const lines = table.map(([name, { default: fallback, help }]) => {
    const text = fallback ? `${help} Default: ${fallback}` : help
    return `  --${flagOf(name)}, ${name}\n${wrap(text, 76, '      ')}`
  })
  return `draingate holds a pod's preStop hook until the load balancer has let the pod go.

Usage: draingate [serve] [--flag value]...   answer hooks (the default)
       draingate wait [--json]               drain now, for exec hooks and scripts
       draingate lookout                     look for all pods of a cluster
       draingate doctor [--json] [--pod NAMESPACE/NAME | --all]
                                             check all that a drain needs
       draingate drains [--json]             in the lookout: the drains of the cluster

Every setting is a flag and an environment variable; the flag wins.

${lines.join('\n')}
  --help, -h
      This text.
  --version
      The version.
  --json
      With wait, doctor and drains: print the outcome on stdout, for programs.
  --pod NAMESPACE/NAME
      With doctor: which pod to look at from outside its cluster, with kubectl and your own AWS
      credentials. Without it, the pod that this runs in.

Exit codes: 0 ended by SIGTERM, or released; 1 could not listen; 2 wrong settings; 130 SIGINT;
of wait: 3 the time was up, 4 what is needed could not be learnt; of doctor: 1 when a check fails; of drains: 1
when no lookout answers.
`
}

/** The reference of all settings as a Markdown table. */
export function settingsTable(): string {
  const rows = table.map(([name, { default: fallback, help, expected }]) => {
    const value = fallback ? `\`${fallback}\`` : ''
    return `| \`${name}\` | \`--${flagOf(name)}\` | ${value} | ${expected} | ${help} |`
  })
  return ['| variable | flag | default | value | meaning |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  )
}

function wrap(text: string, width: number, indent: string): string {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line !== '' && line.length + word.length + 1 > width - indent.length) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.map((line) => indent + line).join('\n')
}
