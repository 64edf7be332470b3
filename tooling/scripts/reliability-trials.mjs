/**
 * The faults that are tried, by their numbers: what is done, what must follow,
 * and what of it does not exist here. The rows of docs/reliability.md.
 *
 * @type {readonly { number: number, fault: string, follows: string, absent?: string }[]}
 */
export const trials = [
  {
    number: 1,
    fault: "killed while saving",
    follows:
      "the newest whole checkpoint loads; the run resumed from it equals one that never stopped, bit for bit; leftovers go",
  },
  {
    number: 2,
    fault: "SIGINT and SIGTERM, once and twice",
    follows: "once: the step is finished and saved, exit code 130 or 143; twice: the end, at once",
  },
  {
    number: 3,
    fault: "disk full while saving",
    follows: "exit code 1 with path and bytes; the checkpoint before is untouched",
  },
  {
    number: 4,
    fault: "a folder that cannot be written",
    follows: "refused before the first step",
  },
  {
    number: 5,
    fault: "temporary folder full, missing, or on another file system",
    follows: "saving works: it is staged beside the target",
  },
  {
    number: 6,
    fault: "two trainers on one run; locks left behind",
    follows: "the second is refused with the pid of the first; a stale lock is taken over",
  },
  {
    number: 7,
    fault: "some of a checkpoint's files missing",
    follows: "it counts as no checkpoint; resuming says so and takes the one before",
  },
  {
    number: 8,
    fault: "one byte flipped in each file of a checkpoint",
    follows: "the file is named; resuming takes the checkpoint before, and says so",
  },
  {
    number: 9,
    fault: "resumed with another configuration or text",
    follows: "refused with the difference, unless `--allow-config-change`",
  },
  {
    number: 10,
    fault: "resumed without random state or data position",
    follows: "an error: nothing is seeded anew in silence",
  },
  {
    number: 11,
    fault: "stopped anywhere and resumed",
    follows: "the same stream of losses and the same SHA-256 of all weights as the run that never stopped",
    absent: "stopped between the parts of an accumulated gradient: no gradients are accumulated over batches",
  },
  {
    number: 12,
    fault: "numbers that are not finite: rates, weights, data, gradients",
    follows: "the run stops within a step and names tensor and step; a good checkpoint is never replaced",
    absent: "overflow of float16: nothing is trained in float16",
  },
  {
    number: 13,
    fault: "degenerate densities: σ² → 0 and ∞, μ at 0 and 1, equal scores",
    follows: "finite values and gradients, equal to float64 within the limits",
  },
  {
    number: 14,
    fault: "long runs: training, generating, saving, reading",
    follows: "the number of tensors is flat, resident memory grows less than 1 MB per thousand steps",
  },
  {
    number: 15,
    fault: "faulty configurations",
    follows: "exit code 2, all faults at once with their paths, no stack trace",
  },
  {
    number: 16,
    fault: "faulty texts and data sets",
    follows: "an error with line or offset, or what is documented; bounded memory",
  },
  {
    number: 17,
    fault: "odd sorting data",
    follows: "the specification's answer, or a clear refusal; the same data from the same seed everywhere",
  },
  {
    number: 18,
    fault: "safetensors bombs",
    follows: "refused within a second and 64 MB",
  },
  { number: 19, fault: "safetensors offsets, shapes and types", follows: "a typed error each" },
  {
    number: 20,
    fault: "tensor names",
    follows: "prototypes are never touched, no name becomes a path",
  },
  {
    number: 21,
    fault: "sharded indexes and pickles",
    follows: "refused; a pickle with the hint to convert it",
  },
  {
    number: 22,
    fault: "GPT-2 files in every layout",
    follows: "the fixture's logits; a missing or extra weight is listed",
  },
  {
    number: 23,
    fault: "odd arguments of generation, aborts, sessions side by side",
    follows: "typed errors, no cross-talk, nothing left behind",
  },
  {
    number: 24,
    fault: "backends that are missing or broken",
    follows: "a named error with the remedy, or a notice and the next one; the same loss on every backend",
    absent:
      "lost WebGPU devices and hidden tabs: there is no browser backend; no SharedArrayBuffer: wasm runs in one thread",
  },
  {
    number: 25,
    fault: "ranks of distributed training",
    follows: "",
    absent: "does not apply: nothing here is distributed",
  },
  {
    number: 26,
    fault: "mutated safetensors, configuration and tokenizer files",
    follows: "only typed errors, in bounded time and memory",
  },
];
