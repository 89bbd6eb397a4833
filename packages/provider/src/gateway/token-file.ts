import { chmodSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { BarfinexError, entropy, type Scope, schemas } from '@barfinex/core'
import { z } from 'zod'

const tokenFileContent = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        name: schemas.identifier,
        /** At least 256 bits: 43 characters of base64url. */
        token: z.string().min(43).max(200),
        scopes: z.array(schemas.scope).min(1),
      }),
    )
    .max(100),
})

/** A token as the file has it. */
export interface StoredToken {
  readonly name: string
  readonly token: string
  readonly scopes: readonly Scope[]
}

export interface TokenFile {
  /** The tokens of now: the file is read again when it has changed, so a token is rotated by editing it. */
  tokens(): readonly StoredToken[]
  /** True when this call made the file. */
  readonly isNew: boolean
}

/** 256 random bits as text that a reader of logs recognises. */
export function newSecret(prefix: string): string {
  return `${prefix}_${Buffer.from(entropy(32)).toString('base64url')}`
}

/** Opens the file, and makes it with one token of all scopes when there is none. Throws `config.invalid`. */
export function openTokenFile(path: string): TokenFile {
  const isNew = createIfMissing(path)
  let readAt = -1
  let kept: readonly StoredToken[] = []

  function tokens(): readonly StoredToken[] {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    // Taken away while we run: nothing is valid until it is back.
    if (stat === undefined) return []
    if (!stat.isFile()) throw invalid(path, 'is not a plain file. Put a file there, not a link.')
    if (process.platform !== 'win32' && (stat.mode & 0o077) !== 0) {
      throw invalid(path, 'can be read by others. Run `chmod 600` on it, and replace the tokens in it.')
    }
    if (stat.mtimeMs !== readAt) {
      kept = readTokens(path)
      readAt = stat.mtimeMs
    }
    return kept
  }

  tokens()
  return { tokens, isNew }
}

function createIfMissing(path: string): boolean {
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const content = { tokens: [{ name: 'owner', token: newSecret('bfx'), scopes: ['admin'] }] }
  // Whole or not at all: a process that is killed here must find no half a file. Of two at once the later one's counts, for both.
  const draft = `${path}.${Buffer.from(entropy(6)).toString('hex')}`
  try {
    writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { flag: 'wx', mode: 0o600 })
    chmodSync(draft, 0o600)
    renameSync(draft, path)
  } catch (cause) {
    throw new BarfinexError('config.invalid', `The token file "${path}" cannot be written. Name one that can.`, {
      cause,
    })
  }
  return true
}

function readTokens(path: string): readonly StoredToken[] {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // The parser's message would quote the file.
    throw invalid(path, 'is not JSON. Repair it, or delete it to get a new one.')
  }
  const parsed = tokenFileContent.safeParse(content)
  if (parsed.success) return parsed.data.tokens
  const [issue] = parsed.error.issues
  throw invalid(path, `has a fault at ${issue?.path.join('.') ?? 'its root'}: ${issue?.message ?? ''}.`)
}

function invalid(path: string, fault: string): BarfinexError {
  return new BarfinexError('config.invalid', `The token file "${path}" ${fault}`)
}
