import { Command, CommanderError } from "commander";
import { backendOption } from "./arguments.js";
import type { CommandCall } from "./call.js";
import { describeError, errorCode, exitCodeOf } from "./errors.js";
import type { Io } from "./io.js";

/** A verb's options as commander parses them. */
export type ParsedOptions = Readonly<Record<string, unknown>>;

/** What a verb does: arguments and options in, exit code out. */
export type VerbAction = (positional: readonly string[], options: ParsedOptions) => Promise<number>;

/** A program under construction. */
export interface ProgramBuilder {
  readonly call: CommandCall;
  /** Adds a verb, with `--backend`; a hidden one is not listed by `--help`. */
  verb(name: string, description: string, options?: { readonly hidden?: boolean }): Command;
  /** Turns what a verb does into a commander action. */
  run(action: VerbAction): (...given: unknown[]) => Promise<void>;
}

/** What a program is called. */
export interface ProgramName {
  readonly name: string;
  readonly description: string;
  readonly version: string;
}

/**
 * Runs a command line: results to `io.stdout`, everything else to
 * `io.stderr`; nothing here ends the process.
 *
 * @param argv arguments after the program's name.
 * @param build adds the verbs.
 * @returns the exit code: 0 done, 1 failed, 2 wrong arguments, configuration
 *   or input, or what a verb gave (130 or 143 stopped by a signal after saving).
 */
export async function runProgram(
  program: ProgramName,
  argv: readonly string[],
  io: Io,
  build: (builder: ProgramBuilder) => void,
): Promise<number> {
  const { name, description, version } = program;
  let code = 0;
  const command = new Command(name)
    .description(description)
    .version(version)
    .showHelpAfterError("(--help lists what there is)")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      writeErr: (text) => io.stderr.write(text),
      outputError: (text, write) => write(`${name}: ${text.replace(/^error: /, "")}`),
    });
  build({
    call: { io, typed: [name, ...argv].map(quoted).join(" ") },
    verb: (verb, about, options = {}) =>
      command.command(verb, options).description(about).addOption(backendOption()),
    run:
      (action) =>
      async (...given) => {
        const verb = given.at(-1) as Command;
        code = await action(verb.args, verb.opts());
      },
  });
  try {
    await command.parseAsync([...argv], { from: "user" });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    io.stderr.write(`${name}: ${describeError(error, Boolean(io.env["DEBUG"]))}\n`);
    const forbidden = errorCode(error) === "ERR_BACKEND" && io.env["INFINITE_FORMER_NATIVE"] === "0";
    return forbidden ? 2 : exitCodeOf(error);
  }
}

/** An argument as a shell would need it typed. */
function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
