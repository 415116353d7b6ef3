// A function that a framework calls for a request: a hook, a middleware, a handler.

/** One function, described once. */
export interface Step {
  /** `preHandler`, `middleware`, `handler` */
  readonly kind: string;
  /** Of the function, or `anonymous`. */
  readonly name: string;
  /** The plugin that it belongs to, or ''. */
  owner: string;
}
