import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import t from 'tap'
import { generated } from '../docs/generate.ts'

const root = join(import.meta.dirname, '..')

t.test('the generated parts of the docs are up to date', async (t) => {
  for (const { file, is, shouldBe } of await generated())
    t.equal(is, shouldBe, `${file}: npm run docs`)
})

t.test('every link of the docs leads somewhere', async (t) => {
  for (const page of pages()) {
    for (const link of linksOf(readFileSync(page, 'utf8'))) {
      const [path = '', anchor] = link.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      const at = `${relative(root, page)}: ${link}`
      if (!t.ok(existsSync(file), at) || anchor === undefined) continue
      t.ok(anchorsOf(readFileSync(file, 'utf8')).includes(anchor), at)
    }
  }
})

t.test('every page of the docs is in their index', async (t) => {
  const index = linksOf(readFileSync(join(root, 'docs/README.md'), 'utf8'))
  const names = readdirSync(join(root, 'docs')).filter((name) => /^[a-z-]+\.md$/.test(name))
  t.ok(names.length > 10)
  for (const name of names) t.ok(index.includes(name), name)
})

function pages(): string[] {
  const places = ['', 'docs', 'chart', 'examples', 'examples/iam', 'bench']
  return places.flatMap((place) =>
    readdirSync(join(root, place))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(root, place, name)),
  )
}

/** The links to files of the project, but for those in code. */
function linksOf(text: string): string[] {
  const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '').replaceAll(/`[^`]*`/g, '')
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => link ?? [])
  return links.filter((link) => !/^[a-z]+:/.test(link))
}

/** As GitHub makes them of headings. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
