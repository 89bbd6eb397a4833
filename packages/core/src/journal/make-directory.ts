import { mkdirSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { BarfinexError } from '../runtime/error.js'

/**
 * Makes a directory and those above it, for the owner alone. What stands in the way, or a place where none can be made, is
 * `options.invalid`.
 *
 * One step at a time: where the file system denies what it has just shown (`/proc`), Node's own recursion never ends.
 */
export function makeDirectory(directory: string): void {
  const path = resolve(directory)
  const missing: string[] = []
  for (let at = path; ; at = dirname(at)) {
    const found = kindOf(at)
    if (found === 'directory') break
    if (found === 'other') throw impossible(path, `"${at}" is a file`)
    missing.push(at)
    if (at === dirname(at)) break
  }
  for (const at of missing.reverse()) {
    try {
      mkdirSync(at, { mode: 0o700 })
    } catch (error) {
      // Somebody else may have made it in between.
      if (kindOf(at) !== 'directory') throw impossible(path, (error as NodeJS.ErrnoException).code ?? String(error))
    }
  }
}

function kindOf(path: string): 'directory' | 'other' | 'none' {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'other'
  } catch {
    // Not there, below a file, or not to be seen: making it says which.
    return 'none'
  }
}

function impossible(path: string, why: string): BarfinexError {
  const message = `The directory "${path}" cannot be made (${why}). Name one in a place where this user may write.`
  return new BarfinexError('options.invalid', message)
}
