import { packageConfig } from '../../scripts/package-config.js'

export default packageConfig(import.meta.dirname)
