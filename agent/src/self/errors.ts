// Every problem that the agent tells a person about: a stable code, and a message that says what to do.

/** Messages by code. `%s` is filled in by whoever reports it. */
export const PROBLEMS = {
  VENTURI_A001:
    'The collector at %s does not answer. Start it with `venturi run` or set VENTURI_ENDPOINT. Spans are kept as long as memory allows, then dropped.',
  VENTURI_A002:
    '%s was loaded before the agent and is not recorded. Load the agent first, with `node --require @venturi/agent/register` or in NODE_OPTIONS.',
  VENTURI_A003: 'The option %s is not valid and its default is used. Correct it or leave it out.',
  VENTURI_A004:
    'The collector refused a batch (%s). Check that its version fits the agent and that VENTURI_ENDPOINT is its address.',
  VENTURI_A005:
    'A hook failed and was skipped (%s). Please report it; the application is not affected.',
  VENTURI_A006:
    'The functions that block the event loop cannot be named (%s). Allow worker threads and the inspector (--allow-worker, a Node built with the inspector), or set VENTURI_WATCHDOG=0.',
  VENTURI_A007:
    '%s is a version that this agent was not tested with, and is not recorded. docs/reference/support.md lists the versions; a newer agent may know it.',
  VENTURI_A008:
    '%s: what is bundled is not recorded. Leave it out of the bundle (esbuild: --packages=external, webpack: externals), so that it is loaded from node_modules.',
  VENTURI_A009:
    'VENTURI_DISABLED_LIBRARIES names what the agent has no hooks for, or none that can be left out: %s. Take it out of the list.',
  VENTURI_A010:
    'The agent takes %s of the CPU of this process, more than VENTURI_CPU_SHARE_MAX, and records less until it does not: docs/reference/shedding.md lists the steps, and the metric venturi.agent.cpu.time says which module it is.',
  VENTURI_A020:
    'The application has its own OpenTelemetry provider (%s), which keeps the API and exports as before. Venturi records the requests beside it, with its own hooks only.',
  VENTURI_A021:
    'A bundled copy of @opentelemetry/api in %s could not register its provider, because Venturi serves the API. Set VENTURI_API=false to leave it the API.',
  VENTURI_A022:
    '%s is not installed, and the metrics that the application records are lost. Install it beside the application.',
  VENTURI_A023:
    '%s is not installed, and the log records that the application emits are lost. Install it beside the application.',
  VENTURI_A024:
    'The collector at %s takes no logs, and none are sent any more. Give it a receiver for OTLP logs, or set VENTURI_LOGS=correlate.',
  VENTURI_A025:
    '%s runs in this process too. It records and exports as before, and Venturi beside it; the service pays for both.',
  VENTURI_A030:
    '%s is not installed, and VENTURI_ENGINE=otel can record no spans without it (0.200 or newer). Install it beside the application, or leave VENTURI_ENGINE out.',
  VENTURI_A031:
    "No instrumentation of OpenTelemetry's is installed (%s), so that VENTURI_ENGINE=otel records only what the application itself does. Install @opentelemetry/auto-instrumentations-node.",
  VENTURI_A032:
    "No instrumentation of OpenTelemetry's is installed beside the application (looked from %s), so that VENTURI_CONTRIB=true adds nothing. Install those of the libraries that you use, such as @opentelemetry/instrumentation-graphql.",
  VENTURI_A033:
    'VENTURI_CONTRIB=true has no effect without the API that the instrumentations record through. Leave VENTURI_API out, and let no other provider be registered before the agent.',
} as const;

/** A code of the table. */
export type ProblemCode = keyof typeof PROBLEMS;
