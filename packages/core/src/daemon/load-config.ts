import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BarfinexError } from '../runtime/error.js'

/**
 * Reads a configuration: `*.ts`, `*.mts`, `*.js` and `*.mjs` are programs that export it as their default, `*.json` holds it. Throws
 * `config.not-found` and `config.invalid`.
 */
export async function loadConfig(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file)
  if (!existsSync(path)) {
    throw new BarfinexError(
      'config.not-found',
      `There is no configuration "${file}". Give the path of one as --config.`,
    )
  }
  const content = path.endsWith('.json') ? await readJson(path) : await importDefault(path)
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) {
    return content as Readonly<Record<string, unknown>>
  }
  throw new BarfinexError(
    'config.invalid',
    `${file} holds no configuration. A program has to export it as its default.`,
  )
}

async function readJson(path: string): Promise<unknown> {
  try {
    // Keys of a file must not become a prototype.
    return JSON.parse(await readFile(path, 'utf8'), (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch (cause) {
    const what = cause instanceof SyntaxError ? cause.message : String(cause)
    throw new BarfinexError('config.invalid', `${path} is not JSON: ${what}`)
  }
}

async function importDefault(path: string): Promise<unknown> {
  const { createJiti } = await import('jiti')
  try {
    // Without a cache on disk: its directory may be read-only, and stale code is worse than slow code.
    return await createJiti(import.meta.url, { fsCache: false }).import(path, { default: true })
  } catch (cause) {
    if (BarfinexError.is(cause)) throw cause
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new BarfinexError('config.invalid', `${path} cannot be loaded: ${what}`, { cause })
  }
}
