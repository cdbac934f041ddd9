import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'

/** The page, and what it may do. */
export interface Page {
  readonly html: string
  /** Its Content-Security-Policy. */
  readonly policy: string
}

/** The build puts it beside the program; where the sources run as they are, it is where the build put it. */
const places = ['board.html', '../../../dist/board.html'].map(
  (path) => new URL(path, import.meta.url),
)

/** @throws When it is not there: the build makes it. */
export function readPage(): Page {
  const place = places.find((one) => existsSync(one))
  if (!place) throw new Error('dist/board.html is missing: npm run build')
  return pageOf(readFileSync(place, 'utf8'))
}

/** It runs the one script and has the one style that came with it, and asks nobody else for anything. */
export function pageOf(html: string): Page {
  const policy = [
    "default-src 'none'",
    `script-src ${hashOf(html, 'script')}`,
    `style-src ${hashOf(html, 'style')}`,
    "connect-src 'self'",
    // The icon, which is an empty one: else the browser asks for it.
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ]
  return { html, policy: policy.join('; ') }
}

function hashOf(html: string, tag: string): string {
  const [, text = ''] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(html) ?? []
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
