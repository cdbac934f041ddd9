import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name))

const sourceOf = (file: string) => readFileSync(join(root, file), 'utf8')

function importsOf(file: string): string[] {
  const specifiers = sourceOf(file).matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)
  return [...specifiers].map(([, specifier = '']) =>
    specifier.startsWith('.') ? relative(root, join(root, dirname(file), specifier)) : specifier,
  )
}

/** Which folders a folder's files may import from; packages and Node.js modules by name. */
const allowed: Record<string, string[]> = {
  'src/drain': ['src/drain/'],
  'src/aws': ['src/aws/', 'src/drain/', 'src/clock.ts', 'src/within.ts', '@aws-sdk/', 'node:'],
  'src/cluster': ['src/cluster/', 'src/drain/', 'src/clock.ts', 'src/within.ts', 'node:'],
  'src/command-line': [
    'src/command-line/',
    'src/settings.ts',
    'src/aws/arn.ts',
    'src/sockets/cidr.ts',
    'node:',
  ],
  'src/metrics': ['src/metrics/', 'src/drain/', 'package.json'],
  'src/server': [
    'src/server/',
    'src/drain/',
    'src/clock.ts',
    'src/command-line/kinds.ts',
    'fastify',
    'node:',
  ],
  'src/sockets': ['src/sockets/', 'src/drain/', 'node:'],
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

t.test('time and chance enter in one place each', async (t) => {
  const time = /Date\.now|new Date\(|performance\.|setTimeout|setInterval|AbortSignal\.timeout/
  for (const file of files) {
    if (file !== 'src/clock.ts') t.notMatch(sourceOf(file), time, `${file} asks src/clock.ts`)
    if (file !== 'src/compose.ts') t.notMatch(sourceOf(file), /Math\.random/, `${file} is told`)
  }
})

t.test('the SDK is loaded by import() only', async (t) => {
  const loaders = files.filter((file) =>
    importsOf(file).some((name) => name.startsWith('@aws-sdk')),
  )
  t.strictSame(loaders, ['src/aws/api.ts'])
  for (const file of files) {
    const eager = /^import (?!type)(?:(?!^import)[^;])*?'\.{1,2}\/(?:aws\/)?api\.ts'/m
    t.notMatch(sourceOf(file), eager, file)
  }
})

t.test('files stay readable', async (t) => {
  for (const file of files) {
    const lines = sourceOf(file).split('\n').length
    t.ok(lines <= 190, `${file} has ${lines} lines`)
  }
})
