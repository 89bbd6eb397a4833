import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { BarfinexError, type ErrorCode } from '../runtime/error.js'

/**
 * What a file describes: the content of a `*.json`, or what a program (`*.ts`, `*.mts`, `*.js`, `*.mjs`) exports as its default. Throws a
 * fault of the code given when it cannot be read.
 *
 * @example
 * const described = await readDescription('inspector.config.ts', 'config.invalid')
 */
export function readDescription(
  file: string,
  code: Extract<ErrorCode, 'config.invalid' | 'strategy.invalid'>,
): Promise<unknown> {
  const path = resolve(file)
  return path.endsWith('.json') ? readJson(path, code) : importDefault(path, code)
}

async function readJson(path: string, code: ErrorCode): Promise<unknown> {
  try {
    // Keys of a file must not become a prototype.
    return JSON.parse(await readFile(path, 'utf8'), (key, value: unknown) => (key === '__proto__' ? undefined : value))
  } catch (cause) {
    const what = cause instanceof SyntaxError ? cause.message : String(cause)
    throw new BarfinexError(code, `${path} is not JSON: ${what}. Mend the file.`, { cause })
  }
}

async function importDefault(path: string, code: ErrorCode): Promise<unknown> {
  const { createJiti } = await import('jiti')
  try {
    // Without a cache on disk: its directory may be read-only, and stale code is worse than slow code.
    return await createJiti(import.meta.url, { fsCache: false }).import(path, { default: true })
  } catch (cause) {
    if (BarfinexError.is(cause)) throw cause
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new BarfinexError(code, `${path} cannot be loaded: ${what}`, { cause })
  }
}
