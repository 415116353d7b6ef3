// `venturi collect`: the collector alone, in this very process, so that an IPC channel reaches it.
import type { Subcommand } from './subcommand.js';

const program = new URL('../main.js', import.meta.url);

export const collect: Subcommand = {
  name: 'collect',
  summary: 'runs the collector alone',
  usage: `venturi collect [--port 4318] [--data-dir FOLDER] [--clickhouse-url URL] ...

Runs the collector in the foreground until Ctrl-C. Every option is also an environment
variable: --data-dir is VENTURI_DATA_DIR.`,
  async run(args) {
    // main.ts is a program: it reads its arguments and lives until a signal or its parent ends it.
    process.argv = [process.argv[0] ?? 'node', program.pathname, ...args];
    await import(program.href);
    return undefined;
  },
};
