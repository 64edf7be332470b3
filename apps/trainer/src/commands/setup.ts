import process from "node:process";
import { createInterface } from "node:readline/promises";
import {
  type CommandCall,
  type CommonOptions,
  type Io,
  notice,
  result,
  TrainingError,
} from "@infinite-former/command-line";
import { planNativeSetup, setupNative } from "@infinite-former/tensorflow";

/** Options of `infinite-former setup`. */
export interface SetupCommandOptions extends CommonOptions {
  readonly cuda?: boolean;
  readonly yes?: boolean;
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/**
 * `infinite-former setup`: fetches and builds native TensorFlow. Says what is
 * downloaded, and asks first on a terminal.
 */
export async function setupCommand({ io }: CommandCall, options: SetupCommandOptions): Promise<number> {
  const cuda = options.cuda === true;
  const plan = await planNativeSetup({ cuda });
  if (plan.action === "download") {
    const size = `${megabytes(plan.bytes)} to download, ${megabytes(plan.unpackedBytes)} on disk`;
    notice(io, `native TensorFlow: ${size}`);
    if (options.yes !== true && io.interactive && !(await agreed(io))) {
      notice(io, "nothing was changed");
      return 0;
    }
  }
  let last = "";
  const outcome = await setupNative({
    cuda,
    onProgress: ({ message }) => {
      if (message !== last) notice(io, message);
      last = message;
    },
  });
  if (!outcome.ok) {
    throw new TrainingError(
      `setup: ${outcome.reason}${outcome.remedy === null ? "" : `\n  to mend it: ${outcome.remedy}`}`,
    );
  }
  result(io, `native TensorFlow ${outcome.version} is ready`);
  return 0;
}

async function agreed(io: Io): Promise<boolean> {
  const questions = createInterface({ input: process.stdin, output: io.stderr as NodeJS.WritableStream });
  try {
    return /^(y|yes)?$/i.test((await questions.question("Go on? [Y/n] ")).trim());
  } finally {
    questions.close();
  }
}
