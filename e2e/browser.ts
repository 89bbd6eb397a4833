import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

const flags =
  '--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** The Chromium of this machine: `BARFINEX_CHROMIUM`, else `chromium` on the path. */
export function launchBrowser(): Promise<Browser> {
  const named = process.env['BARFINEX_CHROMIUM']
  const candidates = [named, ...(process.env['PATH'] ?? '').split(delimiter).map((it) => join(it, 'chromium'))]
  const executablePath = candidates.find((it) => it !== undefined && isExecutable(it))
  if (executablePath === undefined) {
    throw new Error('There is no Chromium. Install it, or name it in BARFINEX_CHROMIUM.')
  }
  return chromium.launch({ executablePath, args: flags.split(' ') })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
