// `venturi run -- COMMAND`: the user's command under the agent, and the verdict on it when it ends.
import { writeFile } from 'node:fs/promises';
import type { Verdict } from '../schema/verdict.js';
import { verdictOf } from './api.js';
import { readOptions } from './arguments.js';
import { findCollector } from './find-collector.js';
import { withRequire } from './node-options.js';
import { startOwnCollector } from './own-collector.js';
import { agentRegisterFile } from './places.js';
import { startReaper } from './reaper-client.js';
import { verdictJson } from './report.js';
import { type Subcommand, say, UsageError } from './subcommand.js';
import { CommandError, type Ending, endLike, runCommand } from './user-command.js';
import { verdictLines } from './verdict-text.js';

export const run: Subcommand = {
  name: 'run',
  summary: 'runs your service under the agent; on exit names its bottleneck',
  usage: `venturi run [--json FILE] -- COMMAND [ARGUMENTS]

Runs a command, such as node app.js or npm start, with the agent in every Node.js process that it
starts. Uses the collector that runs already, or starts one for the length of the command. When the
command ends, prints where its requests lost their time, and exits as the command did.
--json FILE writes the verdict as well.`,
  async run(args) {
    const { json, command } = readCommand(args);
    const register = agentRegisterFile();
    if (register === undefined) {
      say('the agent is not built: run npm run build in the folder of Venturi');
      return 1;
    }
    const collector = await openCollector();
    if (collector === undefined) return 1;
    const from = Date.now();
    const reaper = startReaper();
    try {
      const ending = await runCommand({
        command: command[0] ?? '',
        args: command.slice(1),
        env: {
          ...process.env,
          NODE_OPTIONS: withRequire(process.env.NODE_OPTIONS, register),
          VENTURI_ENDPOINT: collector.url,
        },
        reaper,
      });
      await judge({ url: collector.url, from, json, own: collector.own });
      await collector.close();
      return finish(ending);
    } catch (error) {
      await collector.close();
      if (!(error instanceof CommandError)) throw error;
      say(error.message);
      return error.exitCode;
    } finally {
      reaper.stop();
    }
  },
};

function finish(ending: Ending): number {
  return ending.signal === null ? (ending.code ?? 1) : endLike(ending);
}

function readCommand(args: readonly string[]): { json: string | undefined; command: string[] } {
  // Our own options come first; the command begins at `--` or at the first word that is no option.
  let i = 0;
  while (i < args.length && args[i] !== '--' && args[i]?.startsWith('--')) {
    i += args[i]?.includes('=') ? 1 : 2;
  }
  const { json } = readOptions(args.slice(0, i), ['json']);
  const command = args.slice(args[i] === '--' ? i + 1 : i);
  if (command.length === 0) throw new UsageError('which command? venturi run -- node app.js');
  return { json, command };
}

interface Collector {
  url: string;
  /** True where it was started for this command and ends with it. */
  own: boolean;
  close(): Promise<void>;
}

async function openCollector(): Promise<Collector | undefined> {
  const found = await findCollector(process.env);
  if (found) {
    say(`using the collector at ${found.url}`);
    return { url: found.url, own: false, close: async () => undefined };
  }
  try {
    const started = await startOwnCollector(process.env);
    say(`watch it live at ${started.url} (log: ${started.logFile})`);
    return { url: started.url, own: true, close: started.stop };
  } catch (error) {
    say(`the collector could not start: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}

interface Judging {
  url: string;
  from: number;
  json: string | undefined;
  own: boolean;
}

/** Prints the verdict. A failure here must not change how the command has ended. */
async function judge({ url, from, json, own }: Judging): Promise<void> {
  let verdict: Verdict;
  try {
    verdict = await verdictOf(url, { from, to: Date.now() + 1 });
    if (json !== undefined) await writeFile(json, verdictJson(verdict));
  } catch (error) {
    say(`no verdict: ${error instanceof Error ? error.message : String(error)}`);
    return;
  }
  const [first = '', ...rest] = verdictLines(verdict);
  say(first);
  for (const line of rest) process.stderr.write(`${line}\n`);
  if (rest.length > 0) process.stderr.write('\n');
  say(own ? `to look closer, run venturi collect and open ${url}` : `look closer at ${url}`);
}
