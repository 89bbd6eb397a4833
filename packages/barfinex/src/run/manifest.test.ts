import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { flow } from '@barfinex/core'
import { aFill, anEnvelope } from '@barfinex/core/testing'
import { afterEach, describe, expect, it } from 'vitest'
import { openRunJournal } from './manifest.js'

describe('the journal of a new run', () => {
  let directory: string | null = null
  afterEach(async () => {
    if (directory !== null) await rm(directory, { recursive: true, force: true })
  })

  it('is opened where nothing was recorded, and refused where a run is', async () => {
    directory = await mkdtemp(join(tmpdir(), 'barfinex-run-'))
    const empty = await openRunJournal(directory, 'never')
    await empty.close()
    const first = await openRunJournal(directory, 'never')
    first.append(anEnvelope(flow.fill, aFill()), flow.fill as never)
    await first.close()
    await expect(openRunJournal(directory, 'never')).rejects.toThrow(/holds a run already/)
    // Refused, and let go of.
    await expect(openRunJournal(directory, 'never')).rejects.toThrow(/holds a run already/)
  })
})
