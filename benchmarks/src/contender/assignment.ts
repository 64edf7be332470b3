import { parseArgs } from "node:util";
import { namesOf, wholeNumber } from "../arguments.js";
import { sortingSize } from "../sizes.js";
import { sortingModels } from "../sorting-settings.js";

/** What a contender is asked to do: the options of its command line. */
export interface Assignment {
  readonly case: (typeof cases)[number];
  readonly model: string;
  readonly size: string;
  /** Whether a GPT-2 has a long-term memory. */
  readonly memory: boolean;
  readonly sequences: number;
  /** Whether functions are compiled where the backend can. */
  readonly compiled: boolean;
  readonly seed: number;
  readonly backend: string | undefined;
}

const cases = ["train-step", "generate", "memory-update", "matmul"] as const;
const trained = [...sortingModels, "char", "gpt2"];
const models = {
  "train-step": trained,
  generate: ["infinite-former", "transformer-xl", "gpt2"],
  "memory-update": ["infinite-former"],
  matmul: trained,
};

/**
 * Reads a contender's command line, that of peers in Python but for `--mode` and `--backend`.
 *
 * @throws Error with `ERR_USAGE` or `ERR_PARSE_ARGS_…` naming the option at fault.
 */
export function parseAssignment(argv: readonly string[]): Assignment {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      case: { type: "string", default: "train-step" },
      model: { type: "string", default: "infinite-former" },
      size: { type: "string", default: "a" },
      memory: { type: "string", default: "off" },
      sequences: { type: "string", default: "1" },
      mode: { type: "string", default: "compiled" },
      seed: { type: "string", default: "1" },
      backend: { type: "string" },
    },
  });
  const [kind] = namesOf("case", [values.case], cases) as [(typeof cases)[number]];
  namesOf("model", [values.model], models[kind]);
  namesOf("memory", [values.memory], ["on", "off"]);
  namesOf("mode", [values.mode], ["compiled", "eager"]);
  if (kind !== "matmul" && sortingModels.some((name) => name === values.model)) sortingSize(values.size);
  return {
    case: kind,
    model: values.model,
    size: values.size,
    memory: values.memory === "on",
    sequences: wholeNumber("sequences", values.sequences, 1),
    compiled: values.mode === "compiled",
    seed: wholeNumber("seed", values.seed, 0),
    backend: values.backend,
  };
}
