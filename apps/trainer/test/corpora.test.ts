import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bytesTokenizer } from "./bytes-tokenizer.js";
import { cli, lossStream, smallRun, smallText, temporaryFolder } from "./harness.js";

const adaptive = { "model.cutoffs": "4,7", "model.divisor": 2, "model.tiedOutput": true };
const sizes = { "model.compressedLength": 4, "model.compressionRatio": 2, "training.schedule": "constant" };

describe("a run on", () => {
  let folder = "";
  let longText = "";

  beforeAll(async () => {
    folder = await temporaryFolder();
    const put = async (name: string, text: string): Promise<void> => {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), text);
    };
    const tokens = smallText.replace(/\./g, " .").replace(/^/gm, " ");
    await put("wikitext/wiki.train.tokens", tokens);
    await put("wikitext/wiki.valid.tokens", tokens.slice(0, 500));
    await put(
      "wikitext/wiki.test.tokens",
      tokens.split("\n").slice(3, 9).join("\n").replace("whale", "kraken"),
    );
    await put("pg19/train/1.txt", smallText);
    await put("pg19/train/2.txt", smallText.toUpperCase());
    await put("pg19/validation/3.txt", smallText.slice(0, 400));
    await put(
      "lines.jsonl",
      smallText
        .split("\n")
        .map((text) => JSON.stringify({ text }))
        .join("\n"),
    );
    await put("tokenizer/tokenizer.json", JSON.stringify(bytesTokenizer()));
    longText = join(folder, "long.txt");
    await put("long.txt", smallText.repeat(6));
  });

  const words = { text: "wikitext", tokenizer: "words", token: "word" };
  const corpora: [string, string, { text: string; tokenizer: string; token: string; more?: object }][] = [
    ["WikiText by words", "transformer-xl", words],
    ["PG-19 by characters", "compressive", { text: "pg19", tokenizer: "characters", token: "character" }],
    [
      "JSONL by byte pairs",
      "infinite-former",
      { text: "lines.jsonl", tokenizer: "tokenizer/tokenizer.json", token: "token" },
    ],
    ["WikiText in clusters", "infinite-former", { ...words, more: adaptive }],
    ["WikiText in clusters", "compressive", { ...words, more: adaptive }],
  ];

  it.each(corpora)(
    "%s trains, is evaluated, resumed, reads and writes (%s)",
    async (_, kind, { text, tokenizer, token, more = {} }) => {
      const out = join(folder, `run-${kind}-${text}`);
      const settings = {
        ...sizes,
        "model.kind": kind,
        ...more,
        "data.tokenizer": tokenizer.includes("/") ? join(folder, tokenizer) : tokenizer,
      };
      const trained = await cli(["train", "--out", out, ...smallRun(join(folder, text), settings), "--json"]);
      expect(trained.code, trained.stderr).toBe(0);
      const outcome = JSON.parse(trained.stdout);
      expect(outcome).toMatchObject({ finished: true, token });
      expect(outcome.bitsPerCharacter === null).toBe(token !== "character");

      // A run of its own stopped half way goes on to the same numbers.
      const half = join(folder, `half-${kind}-${text}`);
      await cli(["train", "--out", half, ...smallRun(join(folder, text), settings), "--steps", "4"]);
      const resumed = await cli(["train", "--resume", half, "--steps", "6", "--backend", "cpu"]);
      expect(resumed.code, resumed.stderr).toBe(0);
      const isTrain = (line: unknown): boolean => (line as { split: string }).split === "train";
      expect((await lossStream(half)).filter(isTrain)).toEqual((await lossStream(out)).filter(isTrain));

      const evaluated = await cli(["evaluate", out, "--json", "--backend", "cpu"]);
      expect(evaluated.code, evaluated.stderr).toBe(0);
      const evaluation = JSON.parse(evaluated.stdout);
      expect(evaluation.loss).toBeCloseTo(outcome.loss, 5);
      expect(evaluation.token).toBe(token);
      if (token === "word") {
        expect(evaluation.words - evaluation.tokens).toBe(1); // all but the first are predicted
        const { stdout } = await cli(["evaluate", out, "--backend", "cpu"]);
        expect(stdout).toContain(
          `: ${evaluation.tokens} words and line ends predicted, ${evaluation.words} in the text\n`,
        );
        const [perToken, perWord] = [outcome.perplexity, evaluation.perWordPerplexity];
        expect(stdout).toContain(
          `\nperplexity ${perToken.toPrecision(5)} per word predicted, ${perWord.toPrecision(5)} per word of the text\n`,
        );
        const test = await cli(["evaluate", out, "--split", "test", "--json", "--backend", "cpu"]);
        expect(test.stderr).toContain("1 word outside the vocabulary");
        expect(JSON.parse(test.stdout).unknown).toBe(1);
      } else {
        const none = await cli(["evaluate", out, "--split", "test", "--backend", "cpu"]);
        expect(none).toMatchObject({
          code: 2,
          stderr: expect.stringContaining("has none; there is train, valid"),
        });
      }

      // Read and written in one process, or with the memory put down between two.
      const memory = join(folder, `${kind}.safetensors`);
      const how = ["--backend", "cpu", "--seed", "3", "--temperature", "0"];
      const once = await cli([
        "generate",
        out,
        "--read",
        longText,
        "--prompt",
        "the ship ",
        "--max-tokens",
        "12",
        ...how,
      ]);
      expect(once.code, once.stderr).toBe(0);
      expect(once.stdout.length).toBeGreaterThan(5);
      const first = ["--prompt", "the ship ", "--max-tokens", "5", "--save-memory", memory];
      const begun = await cli(["generate", out, "--read", longText, ...first, ...how]);
      expect(begun.code, begun.stderr).toBe(0);
      expect(once.stdout.startsWith(begun.stdout.trimEnd())).toBe(true);
      const inspected = await cli(["inspect", memory, "--json"]);
      expect(JSON.parse(inspected.stdout).kind).toBe("memory");
    },
  );

  it("clusters that begin beyond the vocabulary are left out, which is said", async () => {
    const run = async (name: string, cutoffs: string): Promise<{ stderr: string; loss: number }> => {
      const settings = { ...adaptive, "data.tokenizer": "words", "model.cutoffs": cutoffs };
      const args = ["train", "--out", join(folder, name), "--json"];
      const { code, stdout, stderr } = await cli([...args, ...smallRun(join(folder, "wikitext"), settings)]);
      expect(code, stderr).toBe(0);
      return { stderr, loss: JSON.parse(stdout).loss };
    };
    const within = await run("within", "4,7");
    const beyond = await run("beyond", "4,7,500,20000");
    expect(within.stderr).not.toContain("cutoffs");
    expect(beyond.stderr).toMatch(/^model\.cutoffs: 500, 20000 left out: the vocabulary has \d+ words$/m);
    expect(beyond.loss).toBe(within.loss);
  });

  it("settings of a vocabulary of words are said not to be read by another", async () => {
    const settings = { "data.vocabularySize": 100, "data.minimumCount": 2 };
    const args = ["train", "--out", join(folder, "unread"), ...smallRun(longText, settings)];
    const { code, stderr } = await cli(args);
    expect(code, stderr).toBe(0);
    const since = 'is not read, since data.tokenizer is "characters" and not "words"\n';
    expect(stderr).toContain(`data.vocabularySize: 100 ${since}`);
    expect(stderr).toContain(`data.minimumCount: 2 ${since}`);
  });

  it.each(["infinite-former", "compressive", "gpt2"])(
    "ids that a tokenizer leaves out are never written (%s)",
    async (kind) => {
      const holes = bytesTokenizer() as { model: { vocab: Record<string, number> } };
      holes.model.vocab["th"] = 999;
      await mkdir(join(folder, "holes"), { recursive: true });
      await writeFile(join(folder, "holes/tokenizer.json"), JSON.stringify(holes));
      const out = join(folder, `run-holes-${kind}`);
      const settings = { ...sizes, "model.kind": kind, "data.tokenizer": join(folder, "holes") };
      const trained = await cli(["train", "--out", out, ...smallRun(join(folder, "lines.jsonl"), settings)]);
      expect(trained.code, trained.stderr).toBe(0);
      expect(trained.stderr).toContain(
        "data.tokenizer: 743 of 1000 ids stand for no token: they are never written\n",
      );
      const how = ["--backend", "cpu", "--seed", "3", "--temperature", "50", "--max-tokens", "60"];
      const { code, stdout, stderr } = await cli(["generate", out, "--prompt", "the ", ...how]);
      expect(code, stderr).toBe(0);
      expect([...stdout].length).toBeGreaterThan(40); // of 1000 ids all as likely, 15 would be tokens
    },
  );

  it("the paper's sizes start, step, save and resume on WikiText-103's files", {
    timeout: 120_000,
  }, async () => {
    for (const split of ["train", "valid"]) {
      const text = await readFile(join(folder, `wikitext/wiki.${split}.tokens`), "utf8");
      await mkdir(join(folder, "wikitext-103"), { recursive: true });
      await writeFile(join(folder, `wikitext-103/wiki.${split}.tokens`), text.slice(0, 600));
    }
    const env = { INFINITE_FORMER_DATA: folder };
    const out = join(folder, "published");
    const less = [
      "--set",
      "training.batchSize=1",
      "--set",
      "model.layers=1",
      "--set",
      "training.sampleLength=0",
    ];
    const preset = ["--preset", "wikitext-103-infinite-former-sticky", "--backend", "wasm"];
    const begun = await cli(["train", ...preset, ...less, "--steps", "2", "--out", out], env);
    expect(begun.code, begun.stderr).toBe(0);
    const config = JSON.parse(await readFile(join(out, "config.json"), "utf8"));
    expect(config).toMatchObject({
      corpus: { source: "wikitext-103" },
      model: { modelSize: 410, heads: 10, innerSize: 2100, segmentLength: 150, shortTermLength: 150 },
      training: { steps: 2, learningRate: 2.5e-4, schedule: "cosine" },
    });
    const resumed = await cli(["train", "--resume", out, "--steps", "3", "--backend", "wasm"], env);
    expect(resumed.code, resumed.stderr).toBe(0);
    expect(resumed.stderr).toContain("going on from step 2 of 3");
    expect(await readdir(join(out, "checkpoints"))).toContain("step-3");
  });

  it("a vocabulary that was changed in the run's folder is refused", async () => {
    const file = join(folder, "run-transformer-xl-wikitext/vocabulary.json");
    await writeFile(file, (await readFile(file, "utf8")).replace('"whale"', '"narwhal"'));
    const { code, stderr } = await cli([
      "evaluate",
      join(folder, "run-transformer-xl-wikitext"),
      "--backend",
      "cpu",
    ]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/vocabulary\.json: is another than config\.json names/);
  });
});
