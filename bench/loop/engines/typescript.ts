import { deskEngine } from '../desk-engine.js'

/** The desk; conviction by our own evaluator of the model file. */
export const engine = deskEngine('typescript')
