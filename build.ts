import { rm } from 'node:fs/promises'
import { build } from 'esbuild'
import manifest from './package.json' with { type: 'json' }

await rm('dist', { recursive: true, force: true })
await build({
  entryPoints: { draingate: 'src/main.ts' },
  outdir: 'dist',
  bundle: true,
  // Splitting keeps what stands behind import(), the AWS SDK above all, out of an idle sidecar's memory.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  // The SDK's ESM build: its CommonJS one can be neither split nor tree-shaken.
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  legalComments: 'none',
  define: { 'process.env.DRAINGATE_VERSION': JSON.stringify(manifest.version) },
  // CommonJS dependencies (fastify, pino) call require() for Node.js's own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
