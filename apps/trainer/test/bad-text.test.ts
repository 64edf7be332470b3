import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect } from "vitest";
import { bytesTokenizer } from "./bytes-tokenizer.js";
import { cli, lossStream, smallRun, smallText, temporaryFolder, textFile } from "./harness.js";

describe("a text", () => {
  let folder: string;
  let runs = 0;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  const train = async (path: string, settings: Record<string, unknown> = {}) => {
    const out = join(folder, `run-${runs++}`);
    return { out, ...(await cli(["train", "--out", out, ...smallRun(path, settings)])) };
  };

  const broken = Buffer.concat([Buffer.from(smallText), Buffer.of(0xe2, 0x28, 0xa1), Buffer.from(smallText)]);
  const refusals: [string, string | Uint8Array | null, string][] = [
    ["a text that is missing", null, "must be a file or folder: no such file"],
    ["an empty text", "", "holds no text"],
    ["a text of a byte-order mark alone", "\ufeff", "holds no text"],
    [
      "a text of three characters",
      "abc",
      "is too short: 2 characters to train and 1 to validate; each needs 2 at least",
    ],
    [
      "a text that is not UTF-8",
      broken,
      `must be valid UTF-8, got byte 0xe2 at offset ${Buffer.byteLength(smallText)}: convert the file to UTF-8 (for example with iconv)`,
    ],
    [
      "a text in UTF-16",
      Buffer.from(`\ufeff${smallText}`, "utf16le"),
      "must be valid UTF-8, got byte 0xff at offset 0",
    ],
  ];
  for (const [fault, content, said] of refusals) {
    trial({ number: 16, fault }, async () => {
      const path = join(folder, "bad.txt");
      if (content === null) await rm(path, { force: true });
      else await writeFile(path, content);
      const { code, stdout, stderr, out } = await train(path);
      expect([code, stdout, existsSync(out)], stderr).toEqual([2, "", false]);
      expect(stderr).toContain(`infinite-former: data.text: ${path} ${said}`);
      expect(stderr).not.toMatch(/\n\s+at /);
    });
  }

  trial({ number: 16, fault: "a text of two words, and one without white space" }, async () => {
    await mkdir(join(folder, "bytes"));
    await writeFile(join(folder, "bytes/tokenizer.json"), JSON.stringify(bytesTokenizer()));
    const endless = await textFile(folder, "a".repeat(2 ** 24 + 2 ** 21), "endless.txt");
    const words = await textFile(folder, "whales swim", "words.txt");
    for (const [path, tokenizer, said] of [
      [
        words,
        "words",
        "is too short: its longest documents have 2 words to train and 1 to validate; each needs 2 at least: give a longer text",
      ],
      [endless, "words", "must have white space now and then"],
      [endless, join(folder, "bytes"), "must have white space now and then"],
    ]) {
      const { code, stderr, out } = await train(path as string, { "data.tokenizer": tokenizer });
      expect([code, existsSync(out)], stderr).toEqual([2, false]);
      expect(stderr).toContain(`infinite-former: data.text: ${path} ${said}`);
    }
  });

  trial({ number: 16, fault: "CRLF, CR, a byte-order mark, no line end at the end" }, async () => {
    const plain = smallText.trimEnd();
    const forms = [plain, plain.replaceAll("\n", "\r\n"), plain.replaceAll("\n", "\r"), `\ufeff${plain}`];
    const read = forms.map(async (text, i) => {
      const { code, stderr, out } = await train(await textFile(folder, text, `form-${i}.txt`));
      expect(code, stderr).toBe(0);
      const { vocabulary, corpus } = JSON.parse(await readFile(join(out, "config.json"), "utf8"));
      return { vocabulary, characters: corpus.characters, losses: await lossStream(out) };
    });
    const [first, ...others] = await Promise.all(read);
    expect(first?.characters).toBe(plain.length);
    for (const other of others) expect(other).toEqual(first);
  });

  const noDevices = process.platform === "win32" && "Windows has no such devices";
  trial(
    { number: 16, fault: "a text that is a device, or a folder without texts", skip: noDevices },
    async () => {
      await mkdir(join(folder, "empty"));
      for (const [path, said] of [
        [join(folder, "empty"), "must hold .txt files, got none"],
        ["/dev/zero", "must be a text file, got a device or pipe"],
      ] as const) {
        const { code, stderr } = await train(path);
        expect(code).toBe(2);
        expect(stderr).toContain(`infinite-former: data.text: ${path} ${said}`);
      }
    },
  );

  trial({ number: 16, fault: "a text that changes while it is trained on" }, async () => {
    const path = await textFile(folder, smallText, "changing.txt");
    const settings = { "training.steps": 12 };
    const calm = await train(path, settings);
    const out = join(folder, `run-${runs}`);
    const training = train(path, settings);
    while (!existsSync(join(out, "config.json"))) await new Promise((resolve) => setImmediate(resolve));
    await writeFile(path, smallText.toUpperCase());
    const { code, stderr } = await training;
    expect(code, stderr).toBe(0);
    // The text was encoded whole at the start: the run is that of the text as it was.
    expect(await lossStream(out)).toEqual(await lossStream(calm.out));
    const resumed = await cli(["train", "--resume", out, "--steps", "20", "--backend", "cpu"]);
    expect(resumed.code).toBe(2);
    expect(resumed.stderr).toMatch(
      /differs from the run's own configuration:\n {2}dataSha256: "\w+" → "\w+"\n/,
    );
    const evaluated = await cli(["evaluate", out, "--backend", "cpu"]);
    expect(evaluated.code).toBe(2);
    expect(evaluated.stderr).toContain("is not the text that the run was trained on (SHA-256 ");
  });

  trial({ number: 16, fault: "characters that the vocabulary lacks" }, async () => {
    const path = await textFile(
      folder,
      `${smallText.slice(0, 900)}ΩΩ${"the whale.".repeat(9)}`,
      "foreign.txt",
    );
    const { code, stderr } = await train(path);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain(
      "foreign.txt: 2 characters outside the vocabulary, read as the unknown symbol\n",
    );
  });
});
