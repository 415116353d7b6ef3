// What all measurements share: the servers behind the service, the sink, and the load generator.
import { variants } from '../variants.mjs';
import { startBackends } from './backends.mjs';
import { startChild } from './child.mjs';
import { startService } from './services.mjs';

/** Starts everything but the services. Call `stop` at the end. */
export async function startRig({ node, nodeMajor }) {
  const backends = await startBackends();
  const sink = await startChild('sink.mjs');
  const load = await startChild('load.mjs');
  const { ports } = await sink.ask({ open: Object.keys(variants) });
  return {
    /** Starts a variant, its exports going to a port of its own; with a load of its own it can be driven beside others. */
    start: async (name, { nodeArgs, hasOwnLoad = false } = {}) =>
      startService(name, {
        node,
        nodeMajor,
        env: backends.env,
        sinkUrl: `http://127.0.0.1:${ports[name]}`,
        load: hasOwnLoad ? await startChild('load.mjs') : load,
        hasOwnLoad,
        nodeArgs,
      }),
    /** Spans, bytes and requests that the sink has received so far, by variant. */
    counts: async () => (await sink.ask({})).counts,
    /** Whether the sink answers everything with 503. */
    refuse: (isRefusing) => sink.ask({ refuse: isRefusing }),
    env: backends.env,
    stop: async () => {
      await load.stop();
      await sink.stop();
      await backends.stop();
    },
  };
}
