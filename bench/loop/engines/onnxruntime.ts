import { deskEngine } from '../desk-engine.js'

/** The desk; conviction by ONNX Runtime. */
export const engine = deskEngine('onnxruntime')
