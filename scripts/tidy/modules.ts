import { posix } from 'node:path'
import ts from 'typescript'
import { lineOf, type Tree, walk } from './tree.js'

/** One place where a file names another module. */
export interface ModuleUse {
  readonly specifier: string
  readonly line: number
  /** Names taken from it; `*` stands for all of them. */
  readonly names: readonly string[]
}

function namesOf(node: ts.ImportDeclaration | ts.ExportDeclaration): string[] {
  if (ts.isExportDeclaration(node)) {
    if (node.exportClause === undefined || ts.isNamespaceExport(node.exportClause)) return ['*']
    return node.exportClause.elements.map((it) => (it.propertyName ?? it.name).text)
  }
  const clause = node.importClause
  const names: string[] = clause?.name === undefined ? [] : ['default']
  if (clause?.namedBindings === undefined) return names
  if (ts.isNamespaceImport(clause.namedBindings)) return [...names, '*']
  return [...names, ...clause.namedBindings.elements.map((it) => (it.propertyName ?? it.name).text)]
}

function literalArgument(node: ts.CallExpression | ts.NewExpression): string | undefined {
  const [first] = node.arguments ?? []
  return first !== undefined && ts.isStringLiteralLike(first) ? first.text : undefined
}

/** Imports, re-exports, `import('…')`, `import('…').Type`, `require('…')` and `new URL('./…', import.meta.url)` of a file. */
export function usesOf(tree: Tree, path: string): readonly ModuleUse[] {
  const uses: ModuleUse[] = []
  const add = (node: ts.Node, specifier: string | undefined, names: readonly string[]): void => {
    if (specifier !== undefined) uses.push({ specifier, line: lineOf(node), names })
  }
  walk(tree.ast(path), (node) => {
    if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
      if (ts.isStringLiteral(node.moduleSpecifier)) add(node, node.moduleSpecifier.text, namesOf(node))
    } else if (ts.isCallExpression(node)) {
      const callee = node.expression
      const imports = callee.kind === ts.SyntaxKind.ImportKeyword
      if (imports || (ts.isIdentifier(callee) && callee.text === 'require')) add(node, literalArgument(node), ['*'])
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) add(node, node.argument.literal.text, ['*'])
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && node.arguments?.length === 2) {
      const specifier = literalArgument(node)
      if (specifier?.startsWith('.') && isCodeSpecifier(specifier)) add(node, specifier, ['*'])
    }
  })
  return uses
}

const isCodeSpecifier = (specifier: string): boolean => /\.[cm]?[jt]sx?$/.test(specifier)

/** The file of this repository that a relative specifier means, whichever extension it was written with. */
export function resolveRelative(tree: Tree, from: string, specifier: string): string | undefined {
  const target = posix.join(posix.dirname(from), specifier)
  const stem = target.replace(/\.js$/, '')
  return [target, `${stem}.ts`, `${stem}.tsx`, `${target}/index.ts`].find((it) => tree.has(it))
}

/** `@barfinex/core/testing` → `@barfinex/core`; `rxjs/operators` → `rxjs`. */
export function packageNameOf(specifier: string): string {
  const parts = specifier.split('/')
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : (parts[0] ?? specifier)
}

interface ExportsOnly {
  readonly exports?: Readonly<Record<string, unknown>>
  readonly bin?: Readonly<Record<string, string>>
}

/** Source files by which a package is entered: exports, bins and the page of the terminal. */
export function doorsOf(tree: Tree, name: string): readonly string[] {
  const dir = `packages/${name}`
  const { bin = {}, exports = {} } = JSON.parse(tree.text(`${dir}/package.json`) || '{}') as ExportsOnly
  const stems = [
    ...Object.keys(exports).map((subpath) => (subpath === '.' ? 'index' : subpath.slice(2))),
    ...Object.values(bin).map((target) => target.replace(/^\.\/dist\/|\.js$/g, '')),
  ]
  const doors = stems
    .filter((stem) => stem !== 'package.json')
    .flatMap((stem) => [`${dir}/src/${stem}.ts`, `${dir}/src/${stem}/index.ts`])
  const page = `${dir}/terminal/index.html`
  for (const [, src] of tree.text(page).matchAll(/<script[^>]*\ssrc="([^"]+)"/g)) {
    doors.push(posix.join(`${dir}/terminal`, src ?? ''))
  }
  return doors.filter((door) => tree.has(door))
}
