import ts from 'typescript'
import { type Fault, isProduct, lineOf, type Rule } from './tree.js'

const GROWING = new Set(['Map', 'Set', 'Array'])

function isEmptyCollection(initializer: ts.Expression | undefined): boolean {
  if (initializer === undefined) return false
  if (ts.isArrayLiteralExpression(initializer)) return initializer.elements.length === 0
  return (
    ts.isNewExpression(initializer) &&
    GROWING.has(initializer.expression.getText()) &&
    (initializer.arguments ?? []).length === 0
  )
}

/** No state at module level: two desks live in one process and share nothing. */
export const state: Rule = {
  name: 'state',
  check: (tree) =>
    tree.paths.filter(isProduct).flatMap((path): Fault[] =>
      tree
        .ast(path)
        .statements.filter(ts.isVariableStatement)
        .filter(({ declarationList: list }) => {
          const constant = (list.flags & ts.NodeFlags.Const) !== 0
          return !constant || list.declarations.some((it) => isEmptyCollection(it.initializer))
        })
        .map((it) => ({
          path,
          line: lineOf(it),
          message: 'module-level state: keep it in what createService returns',
        })),
    ),
}
