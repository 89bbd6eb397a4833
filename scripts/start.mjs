// `npm start -- …`: from a fresh clone to a running desk with nothing but Node and npm.

import { join } from 'node:path'
import { runInForeground } from './foreground.mjs'
import { checkNode, install, root, run } from './install.mjs'

checkNode()
let code = await install()
if (code === 0) code = await run(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--changed'])
if (code !== 0) process.exit(code)

// npm runs scripts in the root of the repository; paths among the arguments are meant from where the user stands.
const cwd = process.env.INIT_CWD ?? process.cwd()
runInForeground(process.execPath, [join(root, 'packages/barfinex/dist/bin.js'), 'up', ...process.argv.slice(2)], cwd)
