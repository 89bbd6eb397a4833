// `npm test`: everything the repository promises, on a machine with nothing but Node and npm.

import { checkNode, install, root, run } from './install.mjs'

checkNode()
const installed = await install()
if (installed !== 0) process.exit(installed)
process.exit(
  await run(process.execPath, ['--import', 'tsx', 'scripts/check.ts', ...process.argv.slice(2)], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  }),
)
