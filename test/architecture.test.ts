import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const sourceOf = (file: string) => readFileSync(join(root, file), 'utf8')

function filesIn(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

function importsOf(file: string): string[] {
  const specifiers = sourceOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...specifiers].map(([, specifier = '']) =>
    specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier,
  )
}

const files = filesIn('src')

const words = ['src/drain/ports.ts', 'src/drain/target.ts', 'src/drain/protocol.ts']
const knowledge = [...words, 'src/drain/knowledge/']
const judgement = [...knowledge, 'src/drain/judgement/']
const questions = [...judgement, 'src/drain/questions/']
const account = [...questions, 'src/drain/policy.ts', 'src/drain/account/']
const outside = [...words, 'src/time/', 'node:']
const objects = ['src/cluster/json.ts', 'src/cluster/objects/']
const hooks = [...objects, 'src/cluster/hooks/']
const finding = [...hooks, ...outside, 'src/cluster/api/', 'src/cluster/finding/']

/** What the cluster shows of a pod, whoever asks for it. */
const told = [...objects, 'src/cluster/api/kubernetes-api.ts', 'src/cluster/finding/']

/** Which rooms a room's files may import from; packages and Node.js modules by name. */
const allowed: Record<string, string[]> = {
  'src/time': ['src/time/', 'node:'],
  'src/drain': ['src/drain/'],
  'src/drain/knowledge': knowledge,
  'src/drain/judgement': judgement,
  'src/drain/questions': questions,
  'src/drain/account': account,
  'src/drain/loop': [...account, 'src/drain/loop/'],
  'src/aws': ['src/aws/', ...outside, '@aws-sdk/'],
  'src/cluster': ['src/cluster/', 'src/drain/', 'src/time/', 'node:'],
  'src/cluster/api': ['src/cluster/api/', 'src/cluster/json.ts', ...outside],
  'src/cluster/objects': objects,
  'src/cluster/hooks': hooks,
  'src/cluster/finding': finding,
  'src/cluster/wiring': [...finding, 'src/cluster/wiring/', 'src/drain/judgement/grace.ts'],
  'src/sockets': ['src/sockets/', ...words, 'node:'],
  'src/settings': ['src/settings/', 'src/aws/arn.ts', 'src/sockets/cidr.ts', 'node:'],
  'src/server': [
    'src/server/',
    'src/drain/',
    'src/time/',
    'src/settings/kinds.ts',
    'fastify',
    'node:',
  ],
  'src/lookout/rounds': ['src/lookout/rounds/', 'src/time/'],
  'src/lookout/wire': ['src/lookout/wire/', ...words, ...told],
  'src/lookout/client': [
    'src/lookout/client/',
    'src/lookout/wire/',
    'src/cluster/api/token.ts',
    ...outside,
    ...told,
  ],
  'src/lookout/looking': [
    'src/lookout/looking/',
    'src/lookout/rounds/',
    'src/lookout/wire/',
    'src/aws/',
    'src/cluster/',
    ...outside,
  ],
  'src/lookout/board': ['src/lookout/board/', 'src/drain/', 'src/time/', 'fastify', 'node:'],
  // It runs in a browser, which has no Node.js.
  'src/lookout/board/browser': ['src/lookout/board/'],
  'src/lookout/server': [
    'src/lookout/',
    'src/cluster/',
    'src/telling/metrics/',
    ...outside,
    'fastify',
    'jose',
    'package.json',
  ],
  'src/telling': [
    'src/telling/',
    'src/drain/',
    'src/cluster/events.ts',
    'src/cluster/finding/event.ts',
    'pino',
    'node:',
    'package.json',
  ],
  'src/telling/metrics': ['src/telling/metrics/', 'src/drain/', 'package.json'],
}

for (const [folder, from] of Object.entries(allowed)) {
  t.test(`${folder} imports only what it may`, async (t) => {
    const inside = files.filter((file) => file.startsWith(`${folder}/`))
    t.ok(inside.length > 0)
    for (const file of inside) {
      for (const name of importsOf(file)) {
        t.ok(
          from.some((prefix) => name.startsWith(prefix)),
          `${file} imports ${name}`,
        )
      }
    }
  })
}

t.test('each room says what it is for', async (t) => {
  for (const folder of new Set(files.map((file) => dirname(file)))) {
    t.ok(existsSync(join(root, folder, 'README.md')), folder)
  }
})

for (const folder of ['src', 'lab', 'bench']) {
  t.test(`no file of ${folder} imports one that imports it`, async (t) => {
    t.strictSame(circleIn(filesIn(folder)), [])
  })
}

/** The files of a circle of imports; none, if there is none. */
function circleIn(all: readonly string[]): string[] {
  const inside = new Set(all)
  const done = new Set<string>()
  function circleFrom(file: string, path: readonly string[]): string[] {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    for (const name of importsOf(file).filter((one) => inside.has(one))) {
      const circle = circleFrom(name, [...path, file])
      if (circle.length > 0) return circle
    }
    done.add(file)
    return []
  }
  for (const file of all) {
    const circle = circleFrom(file, [])
    if (circle.length > 0) return circle
  }
  return []
}

t.test('time and chance enter in one place each', async (t) => {
  // The browser's is another machine's.
  const clocks = ['src/time/clock.ts', 'src/lookout/board/browser/clock.ts']
  const time = /Date\.now|new Date\(|performance\.|setTimeout|setInterval|AbortSignal\.timeout/
  for (const file of files) {
    if (!clocks.includes(file)) t.notMatch(sourceOf(file), time, `${file} asks the clock`)
    if (file !== 'src/compose/limits.ts')
      t.notMatch(sourceOf(file), /Math\.random/, `${file} is told`)
  }
})

t.test('the SDK is loaded by import() only', async (t) => {
  const loaders = files.filter((file) =>
    importsOf(file).some((name) => name.startsWith('@aws-sdk')),
  )
  t.strictSame(loaders, ['src/aws/api.ts'])
  for (const file of files) {
    const eager = sourceOf(file).matchAll(/^import (?!type)[^']*?from '([^']+)'/gm)
    t.notOk(
      [...eager].some(([, name = '']) => /^\.{1,2}\/(aws\/)?api\.ts$/.test(name)),
      file,
    )
  }
})

t.test('files stay readable', async (t) => {
  for (const file of files) {
    const lines = sourceOf(file).split('\n').length
    t.ok(lines <= 190, `${file} has ${lines} lines`)
  }
})
