// What a subcommand of `venturi` is.

export interface Subcommand {
  name: string;
  /** One line for `venturi --help`. */
  summary: string;
  /** What `venturi <name> --help` prints. */
  usage: string;
  /**
   * Runs it with the arguments after its name and gives the exit code; undefined where the process
   * lives on and ends by itself. Throws a UsageError for arguments that it does not understand.
   */
  run(args: readonly string[]): Promise<number | undefined>;
}

/** Arguments that make no sense: the message is shown with the usage, and the exit code is 2. */
export class UsageError extends Error {}

/** Writes a line of ours to standard error, so that standard output stays the user's. */
export function say(line: string): void {
  process.stderr.write(`venturi: ${line}\n`);
}
