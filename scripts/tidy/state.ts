import ts from 'typescript'
import { type Fault, isProduct, lineOf, type Rule, walk } from './tree.js'

const MUTATORS = new Set('set add push unshift splice delete clear fill sort reverse pop shift'.split(' '))

/** Names on which a file calls something that changes a collection, or whose elements it assigns. */
function mutatedNames(file: ts.SourceFile): ReadonlySet<string> {
  const names = new Set<string>()
  walk(file, (node) => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      if (MUTATORS.has(node.expression.name.text)) names.add(node.expression.expression.getText())
    } else if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.EqualsToken) {
      const { left } = node
      if (ts.isElementAccessExpression(left) || ts.isPropertyAccessExpression(left))
        names.add(left.expression.getText())
    }
  })
  return names
}

const isWeak = (initializer: ts.Expression | undefined): boolean =>
  /^new Weak(Map|Set)\b/.test(initializer?.getText() ?? '')

/** No state at module level: two desks live in one process and share nothing. Notes on objects in a WeakMap are none. */
export const state: Rule = {
  name: 'state',
  check: (tree) =>
    tree.paths.filter(isProduct).flatMap((path): Fault[] => {
      const file = tree.ast(path)
      const mutated = mutatedNames(file)
      return file.statements
        .filter(ts.isVariableStatement)
        .filter(({ declarationList: list }) => {
          const constant = (list.flags & ts.NodeFlags.Const) !== 0
          return !constant || list.declarations.some((it) => mutated.has(it.name.getText()) && !isWeak(it.initializer))
        })
        .map((it) => ({ path, line: lineOf(it), message: 'module-level state: keep it in what createService returns' }))
    }),
}
