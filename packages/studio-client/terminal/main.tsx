import { config } from 'zod'

// The page forbids code made from text, which is how zod would speed itself up. It has to know before the first schema is
// made, hence the late import.
config({ jitless: true })
const { startTerminal } = await import('./terminal.js')
startTerminal(document.getElementById('terminal') as HTMLElement)
