import { defaultModelBase64 } from './default-model-bytes.js'

/**
 * The model that ships with the package: trained on generated markets only, to show the machinery at work.
 *
 * It has never seen a real market. Its report is `assets/default-model.report.json`; train your own before you trust one.
 *
 * It stands in the source as text, because that survives every way of packing: ESM, CommonJS, and a bundler that puts a
 * whole bot into one file, where a path beside the module would lead nowhere.
 */
export function defaultModel(): Uint8Array {
  return new Uint8Array(Buffer.from(defaultModelBase64, 'base64'))
}
