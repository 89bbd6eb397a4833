import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { BarfinexError } from '@barfinex/core'

/** One file of the terminal. */
export interface Page {
  readonly type: string
  readonly content: Buffer
  /** Its name carries a hash of its content. */
  readonly isImmutable: boolean
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
}

/**
 * The built terminal by path, read once: what is asked for is looked up and never becomes part of a file name. Throws
 * `config.not-found`.
 */
export function readTerminal(directory: string): ReadonlyMap<string, Page> {
  const root = directory.startsWith('file:') ? fileURLToPath(directory) : directory
  if (!existsSync(join(root, 'index.html'))) {
    throw new BarfinexError(
      'config.not-found',
      `There is no terminal in "${root}". Build it (\`npm run build\`), or name another as terminalDirectory.`,
    )
  }
  const pages = new Map<string, Page>()
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)]
    if (!entry.isFile() || type === undefined) continue
    const file = join(entry.parentPath, entry.name)
    const path = file.slice(root.length).replaceAll('\\', '/').replace(/^\/*/, '/')
    pages.set(path, { type, content: readFileSync(file), isImmutable: path.startsWith('/assets/') })
  }
  pages.set('/', pages.get('/index.html') as Page)
  return pages
}
