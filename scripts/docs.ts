/**
 * Writes docs/flow.md from the flow map. `tsx scripts/docs.ts --check` writes nothing and fails when the page is out of date.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { channels } from '@barfinex/core'
import { root } from './workspace.js'

const HEAD = `# Flow

Every kind of message in the system, in the order a trade travels. Generated from \`packages/core/src/flow/map.ts\` by
\`npm run docs\`; edit the map, not this page.

| class | promise |
| --- | --- |
| live | at most once, in order per key; sequence numbers show a gap, a slow reader loses the oldest, counted |
| settled | at least once, replayable for a while |
| command, fact | durable, in order per key, effect once by id |
| state | the last value of a key wins; a new reader gets it at once |
| heartbeat | at most once |

| channel | class | carries | written by | read by | journalled |
| --- | --- | --- | --- | --- | --- |
`

const page = join(root, 'docs/flow.md')
const rows = channels.map(({ name, class: kind, carries, writtenBy, readBy, journalled }) => {
  const cells = [`\`${name}\``, kind, carries, writtenBy.join(', '), readBy.join(', '), journalled ? 'yes' : 'no']
  return `| ${cells.join(' | ')} |\n`
})
const text = HEAD + rows.join('')

if (!process.argv.includes('--check')) {
  writeFileSync(page, text)
} else if (!existsSync(page) || readFileSync(page, 'utf8') !== text) {
  process.stdout.write('docs/flow.md is out of date: run `npm run docs`\n')
  process.exit(1)
}
