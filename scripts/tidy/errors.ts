import ts from 'typescript'
import { type Fault, isProduct, lineOf, type Rule, type Tree, walk } from './tree.js'

const CODES = 'packages/core/src/runtime/error.ts'
const PAGE = 'docs/errors.md'

/** The string literals of the array `errorCodes`, with their lines. */
function declaredCodes(tree: Tree): ReadonlyMap<string, number> {
  const codes = new Map<string, number>()
  walk(tree.ast(CODES), (node) => {
    if (!ts.isVariableDeclaration(node) || node.name.getText() !== 'errorCodes' || node.initializer === undefined)
      return
    walk(node.initializer, (it) => {
      if (ts.isStringLiteral(it)) codes.set(it.text, lineOf(it))
    })
  })
  return codes
}

function documentedCodes(tree: Tree): ReadonlyMap<string, number> {
  const rows = tree.text(PAGE).split('\n')
  return new Map(
    rows.flatMap((row, at) => {
      const code = /^\|\s*`([a-z0-9.-]+)`/.exec(row)?.[1]
      return code === undefined ? [] : [[code, at + 1] as const]
    }),
  )
}

/** Codes are a closed set: each is dotted kebab, raised somewhere, and has its row in docs/errors.md; no row lacks a code. */
export const errors: Rule = {
  name: 'errors',
  check(tree) {
    const declared = declaredCodes(tree)
    const documented = documentedCodes(tree)
    const sources = tree.paths.filter((path) => isProduct(path) && path !== CODES).map((path) => tree.text(path))
    const faults: Fault[] = []
    if (declared.size === 0) faults.push({ path: CODES, line: 0, message: 'declares no error codes' })
    for (const [code, line] of declared) {
      const report = (message: string): number => faults.push({ path: CODES, line, message: `${code} ${message}` })
      if (!/^[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+$/.test(code)) report('is not dotted kebab')
      if (!documented.has(code)) report(`has no row in ${PAGE}`)
      if (!sources.some((text) => text.includes(`'${code}'`))) report('is raised nowhere')
    }
    for (const [code, line] of documented) {
      if (!declared.has(code)) faults.push({ path: PAGE, line, message: `${code} is not an error code` })
    }
    return faults
  },
}
