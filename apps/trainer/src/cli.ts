import {
  collect,
  decimal,
  type Io,
  type ProgramBuilder,
  positiveInteger,
  processIo,
  runProgram,
  wholeNumber,
} from "@infinite-former/command-line";
import { Option } from "commander";
import { trainerVersion } from "./version.js";

/**
 * The command line `infinite-former`.
 *
 * Results go to `io.stdout`, everything else to `io.stderr`; nothing here ends
 * the process.
 *
 * @param argv arguments after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 wrong arguments, configuration
 *   or input, 130 or 143 stopped by SIGINT or SIGTERM after saving.
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  const program = {
    name: "infinite-former",
    description: "Train, evaluate and run ∞-formers: transformers with a continuous long-term memory.",
    version: trainerVersion(),
  };
  return runProgram(program, argv, io, addVerbs);
}

function addVerbs({ call, verb, run }: ProgramBuilder): void {
  verb("train", "train a model; ctrl-C once saves and stops")
    .option("--preset <name>", "a named configuration (see presets)")
    .option("--config <file>", "settings from a JSON or YAML file")
    .option("--set <path=value>", "one setting, as in training.steps=100; may be repeated", collect, [])
    .option("--out <dir>", "directory of the new run (default: runs/NAME)")
    .option("--resume <dir>", "go on with a run from its newest whole checkpoint")
    .option("--steps <n>", "training.steps")
    .option("--seed <n>", "training.seed")
    .option("--keep <n>", "checkpoints to keep: the newest, and the best beside them", positiveInteger, 2)
    .option(
      "--skip-nonfinite <n>",
      "updates that may be skipped because a loss or gradient is not finite",
      wholeNumber,
      0,
    )
    .option("--allow-config-change", "resume even though settings or data differ from the run's own")
    .option("--json", "the outcome as one JSON document")
    .action(
      run(async (_, options) => (await import("./commands/train.js")).trainCommand(call, options as never)),
    );

  verb("evaluate", "loss, perplexity and speed of a trained model on a text")
    .argument("<dir>", "a run directory or one of its checkpoints")
    .addOption(
      new Option("--split <name>", "which part of the run's corpus, or of --data (default: valid)").choices([
        "valid",
        "train",
        "test",
      ]),
    )
    .option("--data <path>", "a text, folder or JSONL as data.text takes, instead of the run's corpus")
    .option("--batch <n>", "rows read side by side (default: training.evaluateRows)", positiveInteger)
    .option("--json", "the result as one JSON document")
    .action(
      run(async ([dir], options) =>
        (await import("./commands/evaluate.js")).evaluateCommand(call, dir as string, options as never),
      ),
    );

  verb("generate", "write text; the memory carries all that was read and written")
    .argument("<dir>", "a run directory or one of its checkpoints")
    .option("--prompt <text>", "text to go on from", "")
    .option("--read <file>", "a document to read into the memory first; may be repeated", collect, [])
    .option("--memory <file>", "memory to start from, as --save-memory wrote it")
    .option("--save-memory <file>", "where to save the memory at the end")
    .option("--max-tokens <n>", "characters to write", wholeNumber, 500)
    .option("--temperature <t>", "0 takes the likeliest token", decimal, 0.8)
    .option("--top-k <k>", "choose among the k likeliest; 0 is all", wholeNumber, 0)
    .option("--top-p <p>", "choose among the likeliest that share this probability", decimal, 1)
    .option(
      "--min-p <p>",
      "choose among those of at least this share of the likeliest's probability",
      decimal,
      0,
    )
    .option("--repetition-penalty <r>", "above 1: tokens that came before are less likely", decimal, 1)
    .option("--stop <text>", "end before this text; may be given again", collect, [])
    .option(
      "--samples <n>",
      "texts to write at once, each on from the same memory and prompt",
      positiveInteger,
      1,
    )
    .option("--seed <n>", "same seed, same text (default: a new one each time)", wholeNumber)
    .action(
      run(async ([dir], options) =>
        (await import("./commands/generate.js")).generateCommand(call, dir as string, options as never),
      ),
    );

  verb("export", "write a trained GPT-2 in Hugging Face layout")
    .argument("<run>", "a run directory or one of its checkpoints")
    .argument("<dir>", "a folder that is empty or not there yet")
    .option("--json", "the result as one JSON document")
    .action(
      run(async ([from, dir], options) =>
        (await import("./commands/export.js")).exportCommand(
          call,
          from as string,
          dir as string,
          options as never,
        ),
      ),
    );

  verb("inspect", "what a run directory, checkpoint, memory file or .safetensors file holds")
    .argument("<path>")
    .option("--json", "the result as one JSON document")
    .action(
      run(async ([path], options) =>
        (await import("./commands/inspect.js")).inspectCommand(call, path as string, options as never),
      ),
    );

  verb("presets", "the presets: what each trains, on what data, how large")
    .option("--json", "the result as one JSON document")
    .action(
      run(async (_, options) =>
        (await import("./commands/presets.js")).presetsCommand(call, options as never),
      ),
    );

  verb("setup", "fetch and build native TensorFlow for this machine")
    .option("--cuda", "the variant for NVIDIA GPUs")
    .option("--yes", "do not ask")
    .action(
      run(async (_, options) => (await import("./commands/setup.js")).setupCommand(call, options as never)),
    );

  verb("doctor", "backends found, versions, what is missing and how to mend it")
    .option("--json", "the result as one JSON document")
    .action(
      run(async (_, options) => (await import("./commands/doctor.js")).doctorCommand(call, options as never)),
    );
}
