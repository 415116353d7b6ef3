import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

// Next looks for the root by lock files, and would take the repository's.
export default { turbopack: { root: dirname(dirname(fileURLToPath(import.meta.url))) } };
