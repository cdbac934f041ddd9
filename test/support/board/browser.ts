import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** Why no page can be looked at here, for a test's `skip`; false where one can. */
export const noBrowser: string | false = existsSync(executablePath)
  ? false
  : `${executablePath} is not there: apt-get install chromium`

/** Debian's Chromium without a screen, which asks nobody for anything by itself. */
export function openBrowser(): Promise<Browser> {
  const quiet = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', ...quiet],
  })
}
