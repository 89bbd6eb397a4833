import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

/** The files a rule judges, by path from the repository's root. Rules see nothing else, so a test can plant any fault. */
export interface Tree {
  readonly paths: readonly string[]
  has(path: string): boolean
  text(path: string): string
  /** The parsed file, with parent links. */
  ast(path: string): ts.SourceFile
}

export interface Fault {
  readonly path: string
  /** 1-based; 0 means the file as a whole. */
  readonly line: number
  readonly message: string
}

/** One thing the repository promises about itself. */
export interface Rule {
  readonly name: string
  readonly check: (tree: Tree) => readonly Fault[]
}

export function treeOf(files: Readonly<Record<string, string>>): Tree {
  const asts = new Map<string, ts.SourceFile>()
  const text = (path: string): string => files[path] ?? ''
  return {
    paths: Object.keys(files).sort(),
    has: (path) => path in files,
    text,
    ast(path) {
      const kept = asts.get(path)
      if (kept !== undefined) return kept
      const parsed = ts.createSourceFile(path, text(path), ts.ScriptTarget.ES2022, true)
      asts.set(path, parsed)
      return parsed
    },
  }
}

/** Everything git tracks or would add; a binary file has no text, but links may lead to it. */
export function readTree(root: string): Tree {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  const files: Record<string, string> = {}
  for (const path of new Set(listed.split('\0'))) {
    if (path === '' || !existsSync(join(root, path))) continue
    const content = readFileSync(join(root, path))
    files[path] = content.subarray(0, 8_000).includes(0) ? '' : content.toString('utf8')
  }
  return treeOf(files)
}

export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile()
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1
}

export const isCode = (path: string): boolean => /\.(ts|tsx|mts|mjs)$/.test(path)

export const isTest = (path: string): boolean => /\.test(-d)?\.tsx?$/.test(path)

/** Sources that reach a user: what is under `src` or `terminal` of a package, without tests. */
export const isProduct = (path: string): boolean =>
  /^packages\/[^/]+\/(src|terminal)\//.test(path) && isCode(path) && !isTest(path)

/** `packages/core/src/bus/bus.ts` is of package `core`. */
export function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\//.exec(path)?.[1]
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}
