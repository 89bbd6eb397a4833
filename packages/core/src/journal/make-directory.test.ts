import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { createFileJournal } from './file-journal.js'
import { makeDirectory } from './make-directory.js'

const root = mkdtempSync(join(tmpdir(), 'barfinex-directory-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

describe('making a directory', () => {
  it('makes those above it too, for the owner alone, and is content with one that is there', () => {
    makeDirectory(join(root, 'a', 'b'))
    makeDirectory(join(root, 'a', 'b'))
    expect(statSync(join(root, 'a', 'b')).mode & 0o777).toBe(0o700)
  })

  it('says what stands in the way', async () => {
    const file = join(root, 'file')
    writeFileSync(file, '')
    const expected = { code: 'options.invalid', message: expect.stringContaining(`"${file}" is a file`) }
    await expect(createFileJournal({ directory: file })).rejects.toMatchObject(expected)
    await expect(createFileJournal({ directory: join(file, 'below') })).rejects.toMatchObject({
      code: 'options.invalid',
    })
  })

  it.skipIf(!existsSync('/proc/self'))('ends where none can be made', async () => {
    const journal = createFileJournal({ directory: '/proc/nothing/here' })
    await expect(journal).rejects.toMatchObject({ code: 'options.invalid' })
    await expect(createFileJournal({ directory: '/proc' })).rejects.toMatchObject({ code: 'options.invalid' })
  })
})
