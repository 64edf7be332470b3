import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { activateBackend } from "@infinite-former/backend";
import { eager } from "@infinite-former/command-line";
import * as tf from "@tensorflow/tfjs-core";
import { machine } from "./machine.js";
import { writeLongText } from "./reading/long-text.js";
import { type ReadCourse, readCourse } from "./reading/read-course.js";
import { trainer } from "./reading/trainer.js";

// `node benchmarks/reading.js [--json FILE] [--read TOKENS] [--corpora SIZES]`: measures whether a
// model reads on at the same cost however long the document, and what training on a large corpus holds in memory.
const { values } = parseArgs({
  options: {
    json: { type: "string" },
    read: { type: "string", default: "characters,words" },
    corpora: { type: "string", default: "1e7,1e9,1e10" },
  },
});
const seed = 1;
const stations = 8;

/** Models that read; a few updates each, since what they have learned changes nothing about the cost. */
const readers = {
  characters: { preset: "moby-dick", set: [], documents: [2e6, 8e6] },
  words: {
    preset: "moby-dick",
    set: [
      "data.tokenizer=words",
      "data.minimumCount=2",
      "model.cutoffs=2000",
      "model.layers=2",
      "model.modelSize=64",
      "model.innerSize=256",
      "model.segmentLength=128",
      "model.shortTermLength=128",
      "model.basisCount=64",
      "model.sampleCount=128",
      "training.batchSize=4",
    ],
    documents: [1e6, 1e8],
  },
};

const chosen = await activateBackend();
const compile = chosen.name === "tensorflow" ? (await import("@infinite-former/tensorflow")).compile : eager;
const folder = mkdtempSync(join(tmpdir(), "infinite-former-reading-"));
const note = (line: string): void => void process.stderr.write(`${line}\n`);

async function read(): Promise<object[]> {
  const results: object[] = [];
  for (const [token, { preset, set, documents }] of Object.entries(readers)) {
    if (!values.read.split(",").includes(token)) continue;
    const run = join(folder, token);
    const settings = ["training.sampleLength=0", "training.evaluateEvery=0", ...set].flatMap((one) => [
      "--set",
      one,
    ]);
    await trainer(["train", "--preset", preset, "--steps", "20", "--out", run, ...settings]);
    for (const bytes of documents) {
      const document = join(folder, "document.txt");
      await writeLongText(document, bytes, seed);
      const course: ReadCourse = await readCourse(run, document, stations, { compile: compile as never });
      note(
        `${token}, ${course.bytes} bytes: ${((1e6 * course.seconds) / course.tokens).toFixed(1)} µs a token`,
      );
      results.push({ token, preset, set, ...course });
    }
  }
  return results;
}

/** A cache of our own, for tokens kept on disk, in which native TensorFlow is that of the user's. */
function ownCache(): string {
  const cache = join(folder, "cache");
  const users = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  mkdirSync(join(cache, "infinite-former"), { recursive: true });
  symlinkSync(join(users, "infinite-former/native"), join(cache, "infinite-former/native"));
  return cache;
}

async function corpora(): Promise<object[]> {
  const results: object[] = [];
  for (const bytes of values.corpora
    .split(",")
    .filter((size) => size !== "")
    .map(Number)) {
    const text = join(folder, "corpus.txt");
    await writeLongText(text, bytes, seed);
    const { size } = statSync(text);
    const out = join(folder, `corpus-${bytes}`);
    const given = [
      "training.evaluateTokens=1024",
      "training.sampleLength=0",
      `data.text=${text}`,
      "data.trainFraction=0.9999",
    ];
    const set = given.flatMap((one) => ["--set", one]);
    const cache = ownCache();
    const ended = await trainer(["train", "--preset", "tiny", "--steps", "2", "--out", out, ...set], {
      XDG_CACHE_HOME: cache,
    });
    rmSync(cache, { recursive: true, force: true });
    note(
      `corpus of ${size} bytes: ${(ended.peakRssBytes / 2 ** 20).toFixed(0)} MiB, ${ended.seconds.toFixed(0)} s`,
    );
    results.push({ bytes: size, ...ended });
  }
  return results;
}

try {
  const report = {
    machine: machine(),
    versions: { node: process.versions.node, tfjs: tf.version_core, [chosen.name]: chosen.version },
    command: ["node benchmarks/reading.js", ...process.argv.slice(2)].join(" "),
    seed,
    date: new Date().toISOString().slice(0, 10),
    reading: await read(),
    corpora: await corpora(),
  };
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (values.json === undefined) process.stdout.write(text);
  else {
    mkdirSync(dirname(values.json), { recursive: true });
    writeFileSync(values.json, text);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
