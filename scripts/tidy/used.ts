import ts from 'typescript'
import { doorsOf, resolveRelative, usesOf } from './modules.js'
import { type Fault, isCode, isProduct, isTest, lineOf, packageOf, type Rule, type Tree, walk } from './tree.js'

/** Names declared with `export` in a file, with their declarations. */
export function exportedNames(tree: Tree, path: string): ReadonlyMap<string, ts.Node> {
  const names = new Map<string, ts.Node>()
  for (const statement of tree.ast(path).statements) {
    const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
    if (!modifiers.some((it) => it.kind === ts.SyntaxKind.ExportKeyword)) continue
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations) names.set(name.getText(), statement)
    } else if ('name' in statement && statement.name !== undefined) {
      names.set((statement.name as ts.Identifier).text, statement)
    }
  }
  return names
}

function isUsedInside(tree: Tree, path: string, name: string): boolean {
  let mentions = 0
  walk(tree.ast(path), (node) => {
    if (ts.isIdentifier(node) && node.text === name) mentions++
  })
  return mentions > 1
}

/** No feature that only its own test uses: what a file exports is published, or taken by another source, or used inside. */
export const used: Rule = {
  name: 'used',
  check(tree) {
    const taken = new Map<string, Set<string>>()
    for (const path of tree.paths.filter((it) => isCode(it) && !isTest(it))) {
      for (const { specifier, names } of usesOf(tree, path)) {
        const target = specifier.startsWith('.') ? resolveRelative(tree, path, specifier) : undefined
        if (target === undefined) continue
        const kept = taken.get(target) ?? new Set()
        for (const name of names) kept.add(name)
        taken.set(target, kept)
      }
    }
    return tree.paths.filter(isProduct).flatMap((path) => {
      const names = taken.get(path) ?? new Set()
      if (names.has('*') || doorsOf(tree, packageOf(path) ?? '').includes(path)) return []
      return [...exportedNames(tree, path)]
        .filter(([name]) => !names.has(name) && !isUsedInside(tree, path, name))
        .map(
          ([name, node]): Fault => ({ path, line: lineOf(node), message: `${name} is exported and nothing takes it` }),
        )
    })
  },
}
