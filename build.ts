import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { build } from 'esbuild'
import { boardPage } from './board-page.ts'
import manifest from './package.json' with { type: 'json' }
import { billOfMaterials } from './sbom.ts'

await rm('dist', { recursive: true, force: true })
const { metafile } = await build({
  entryPoints: { draingate: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  metafile: true,
  // Splitting keeps what stands behind import(), the AWS SDK above all, out of an idle sidecar's memory.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // The SDK's ESM build: its CommonJS one can be neither split nor tree-shaken.
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  // For stack traces and coverage; the image leaves the maps out.
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  // CommonJS dependencies (fastify, pino) call require() for Node.js's own modules.
  banner: {
    js: "#!/usr/bin/env node\nimport { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
await writeFile('dist/board.html', await boardPage())
const packages = packagesOf(Object.keys(metafile.inputs))
await writeFile('dist/THIRD-PARTY-LICENSES.txt', await licencesOf(packages))
await writeFile('dist/sbom.cdx.json', await billOfMaterials(packages, manifest))

/** The folders of the packages that files belong to. */
function packagesOf(files: readonly string[]): string[] {
  const folders = files.flatMap(
    (file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? [],
  )
  return [...new Set(folders)].sort()
}

/** The bundle carries code of other packages, and their licences ask to be carried with it. */
async function licencesOf(folders: readonly string[]): Promise<string> {
  const texts = folders.map(async (folder) => {
    const name = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file))
    const {
      name: id,
      version,
      license,
    } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'))
    const text = name ? await readFile(`${folder}/${name}`, 'utf8') : ''
    return `${id} ${version}: ${license}\n\n${text.trim()}\n`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}
