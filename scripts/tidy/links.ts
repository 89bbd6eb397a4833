import { posix } from 'node:path'
import type { Fault, Rule } from './tree.js'

/** Relative links in Markdown lead somewhere. Packages' READMEs are read on npm too, but their links are checked here. */
export const links: Rule = {
  name: 'links',
  check(tree) {
    const folders = new Set(
      tree.paths.flatMap((path) => path.split('/').map((_, at, parts) => parts.slice(0, at).join('/'))),
    )
    return tree.paths
      .filter((path) => path.endsWith('.md'))
      .flatMap((path) => {
        const prose = tree.text(path).replace(/^```.*?^```/gms, (block) => block.replace(/[^\n]/g, ''))
        return prose.split('\n').flatMap((text, at): Fault[] =>
          [...text.matchAll(/\]\(([^)\s]+)\)/g)]
            .map(([, target = '']) => target.split('#')[0] ?? '')
            .filter((target) => target !== '' && !/^[a-z]+:/.test(target))
            .filter((target) => {
              const file = posix.join(posix.dirname(path), target).replace(/\/$/, '')
              return !tree.has(file) && !folders.has(file)
            })
            .map((target) => ({ path, line: at + 1, message: `link to "${target}" leads nowhere` })),
        )
      })
  },
}
