import { parseArgs } from "node:util";
import { namesOf, wholeNumber, wrong } from "./arguments.js";
import { comparisons } from "./comparisons.js";
import { type BenchmarkResult, type Isa, resultNames } from "./result.js";

/** A case's name. */
export type ResultName = BenchmarkResult["name"];

/** Cases that take minutes: run where they are named. */
export const longCases: readonly ResultName[] = ["fit", "memory-soak", "memory-course", "memory-recall"];

/** What the command line asks for. */
export interface BenchOptions {
  readonly json: string | null;
  readonly only: readonly ResultName[];
  /** Models and sizes to be measured; `null` for all. */
  readonly models: readonly string[] | null;
  readonly sizes: readonly string[] | null;
  /** Instruction sets; `null` for those of each case. */
  readonly isas: readonly Isa[] | null;
  readonly rounds: number;
  readonly seed: number;
  /** `undefined`: the best there is. */
  readonly backend: string | undefined;
  readonly peerPython: string | undefined;
}

const usual = resultNames.filter((name) => !longCases.includes(name));

/** How the command is called. */
export const usage: string = `pnpm bench [--json FILE] [--only NAME]… [--model NAME]… [--size NAME]… [--isa native,avx2]
           [--rounds N] [--seed N] [--backend auto|tensorflow|wasm|cpu] [--peer-python PATH]
  --json FILE         write the results there as JSON ("-": on stdout, and nothing else)
  --only NAME         one of ${usual.join(", ")}; or, for minutes, ${longCases.join(", ")}
  --model NAME        one of ${known("model").join(", ")}
  --size NAME         one of ${known("size").join(", ")}
  --isa LIST          instruction sets of the matrix products; default: both for training steps, else native
  --rounds N          rounds in which ours and the peers take turns (9); slow cases take fewer
  --peer-python PATH  a Python that has torch and transformers; default: INFINITE_FORMER_PEER_PYTHON, python3`;

/**
 * Reads the command line.
 *
 * @returns `null` where help is asked for.
 * @throws Error with `ERR_USAGE` or `ERR_PARSE_ARGS_…` naming the option at fault.
 */
export function parseOptions(argv: readonly string[]): BenchOptions | null {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: "string" },
      only: { type: "string", multiple: true },
      model: { type: "string", multiple: true },
      size: { type: "string", multiple: true },
      isa: { type: "string" },
      rounds: { type: "string", default: "9" },
      seed: { type: "string", default: "1" },
      backend: { type: "string" },
      "peer-python": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return null;
  const options: BenchOptions = {
    json: values.json ?? null,
    only: values.only === undefined ? usual : namesOf("only", values.only, resultNames),
    models: values.model === undefined ? null : namesOf("model", values.model, known("model")),
    sizes: values.size === undefined ? null : namesOf("size", values.size, known("size")),
    isas: values.isa === undefined ? null : namesOf<Isa>("isa", values.isa.split(","), ["native", "avx2"]),
    rounds: wholeNumber("rounds", values.rounds, 1),
    seed: wholeNumber("seed", values.seed, 0),
    backend: values.backend,
    peerPython: values["peer-python"],
  };
  if (values.json === "") throw wrong("--json: must be a file or -, got nothing");
  return options;
}

function known(field: "model" | "size"): string[] {
  return [...new Set(comparisons("tensorflow").map((one) => one[field]))];
}
