import ts from 'typescript'
import { type Fault, isCode, lineOf, type Rule, walk } from './tree.js'

/** Spelled in pieces, so that this file does not match itself. */
const COMMANDS = new RegExp(`(@ts-${'ignore'}|@ts-${'nocheck'}|biome-${'ignore'}|eslint-${'disable'})`)
const EXPECTED = new RegExp(`@ts-${'expect-error'}`)

/** The type system and the linter are never switched off; only a type test (`*.test-d.ts`) may expect an error. */
export const escapes: Rule = {
  name: 'escapes',
  check: (tree) =>
    tree.paths.filter(isCode).flatMap((path) => {
      const faults: Fault[] = []
      walk(tree.ast(path), (node) => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) faults.push({ path, line: lineOf(node), message: '`any`' })
      })
      tree
        .text(path)
        .split('\n')
        .forEach((text, at) => {
          const typeTest = path.endsWith('.test-d.ts')
          const found = COMMANDS.exec(text)?.[0] ?? (typeTest ? undefined : EXPECTED.exec(text)?.[0])
          if (found !== undefined) faults.push({ path, line: at + 1, message: `\`${found}\`` })
        })
      return faults
    }),
}
