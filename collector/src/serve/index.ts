// What the composition root takes from here: the read API and the viewer's files.
export type { ServeDeps } from './deps.js';
export { registerServe } from './serve.js';
