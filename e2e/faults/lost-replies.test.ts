import { test } from 'vitest'
import { survives } from './run-faults.js'

test('F0 no fault', async () => {
  await survives('F0', { strike: () => {} })
})
