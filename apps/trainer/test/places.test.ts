import { spawnSync } from "node:child_process";
import { chmod, cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { testBackends } from "@infinite-former/tooling-vitest";
import { trial } from "@infinite-former/tooling-vitest/trial";
import { beforeAll, describe, expect } from "vitest";
import { hashes } from "./checkpoint-files.js";
import { cli, cliCommand, lossStream, smallRun, temporaryFolder, textFile } from "./harness.js";
import { cannotMount, inNamespace } from "./mounts.js";

let folder: string;
let text: string;
let whole: string;
/** Half a megabyte a checkpoint. */
const large = { "model.layers": 2, "model.modelSize": 32, "model.innerSize": 256 };
beforeAll(async () => {
  folder = await temporaryFolder();
  text = await textFile(folder);
  whole = join(folder, "whole");
  const { code, stderr } = await cli(["train", "--out", whole, ...smallRun(text, large)]);
  expect(code, stderr).toBe(0);
});

async function empty(name: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  return path;
}

describe("a disk that is full", () => {
  const later =
    "a tmpfs of 1 MB has no room for the second checkpoint; then room is made, and the run resumed";
  trial({ number: 3, fault: later, on: "cpu", skip: cannotMount }, async () => {
    const [small, copy] = [await empty("small"), join(folder, "resumed")];
    const script = `mount -t tmpfs -o size=1m none "$1"; run="$1/run"; copy="$2"; shift 2
      cli train --out "$run" "$@"; echo "code $?"; ls -A "$run/checkpoints"
      cli inspect "$run" --json | grep -c '"damaged": \\[\\]'
      mount -o remount,size=64m "$(dirname "$run")"
      cli train --resume "$run" --backend cpu > /dev/null; echo "code $?"; cp -r "$run" "$copy"`;
    const { stdout, stderr } = await inNamespace(script, [small, copy, ...smallRun(text, large)]);
    expect(stdout, stderr).toBe("code 1\nstep-3\n1\ncode 0\n");
    const full =
      /run\/checkpoints\/\S*step-6\S* could not be written \(a checkpoint of \d{6} bytes\): no space left/;
    expect(stderr).toMatch(full);
    expect(stderr).toContain("the checkpoint of step 3 is kept");
    expect(stderr).not.toMatch(/^ {4}at /m);
    expect(await hashes(join(copy, "checkpoints/step-6"))).toEqual(
      await hashes(join(whole, "checkpoints/step-6")),
    );
    expect(await lossStream(copy)).toEqual(await lossStream(whole));
  });

  const early = "a tmpfs of 4 KB has no room for config.json";
  trial({ number: 3, fault: early, on: "cpu", skip: cannotMount }, async () => {
    const script = 'mount -t tmpfs -o size=4k none "$1"; out="$1"; shift; cli train --out "$out" "$@"';
    const { code, stderr } = await inNamespace(script, [await empty("tiny"), ...smallRun(text)]);
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/config\.json: cannot be written \(\d+ bytes\): .*no space left/i);
    expect(stderr).not.toContain("saved");
  });
});

describe("a folder that cannot be written", () => {
  const readOnly = "a run begun and a run resumed on a file system that is mounted read-only";
  trial({ number: 4, fault: readOnly, times: 2, on: "cpu", skip: cannotMount }, async () => {
    const place = await empty("read-only");
    await cp(whole, join(place, "run"), { recursive: true });
    const script = `mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; place="$1"; shift
      cli train --out "$place/new" "$@"; echo "code $?"
      cli train --resume "$place/run" --steps 9 --backend cpu; echo "code $?"`;
    const { stdout, stderr } = await inNamespace(script, [place, ...smallRun(text)]);
    expect(stdout, stderr).toBe("code 2\ncode 2\n");
    expect(stderr).toContain(`--out ${place}/new: cannot be made: the file system is read-only`);
    expect(stderr).toContain(`${place}/run: cannot be written: the file system is read-only`);
    expect(stderr).not.toMatch(/loss|saved/);
    expect((await readdir(join(place, "run/checkpoints"))).sort()).toEqual(["step-3", "step-6"]);
  });

  // Nothing is forbidden to root: the command line runs as somebody else then.
  const uid = process.getuid?.() === 0 ? 65534 : process.getuid?.();
  const [command, ...first] = cliCommand as [string, ...string[]];
  const runs = (): boolean => spawnSync(command, [...first, "presets"], { uid: uid as number }).status === 0;
  const skip =
    process.platform === "win32"
      ? "Windows has no such permissions"
      : !runs() && "needs a user without rights who can read the sources";
  const denied = "no permission to write the folder, and the checkpoints folder of a run resumed";
  trial({ number: 4, fault: denied, times: 2, on: "cpu", skip }, async () => {
    const place = await empty("denied");
    await chmod(folder, 0o755);
    await cp(whole, join(place, "run"), { recursive: true });
    await chmod(join(place, "run"), 0o777);
    await chmod(join(place, "run/checkpoints"), 0o555);
    await chmod(place, 0o555);
    const as = (args: string[]) =>
      spawnSync(command, [...first, ...args], { uid: uid as number, encoding: "utf8" });
    const begun = as(["train", "--out", join(place, "new"), ...smallRun(text)]);
    expect(begun.status, begun.stderr).toBe(2);
    expect(begun.stderr).toContain(`--out ${place}/new: cannot be made: permission denied`);
    const resumed = as(["train", "--resume", join(place, "run"), "--steps", "9", "--backend", "cpu"]);
    expect(resumed.status, resumed.stderr).toBe(2);
    expect(resumed.stderr).toContain(`${place}/run/checkpoints: cannot be written: permission denied`);
    expect(begun.stderr + resumed.stderr).not.toMatch(/loss|saved/);
    for (const one of [place, join(place, "run/checkpoints")]) await chmod(one, 0o755);
  });

  const inPlace = "a file in the place of the run's folder, of a folder above it, of its checkpoints";
  trial({ number: 4, fault: inPlace, times: 3, on: "cpu" }, async () => {
    const place = await empty("files");
    const file = join(place, "file");
    await writeFile(file, "mine");
    for (const out of [file, join(file, "run")]) {
      const { code, stderr } = await cli(["train", "--out", out, ...smallRun(text)]);
      expect([code, stderr.includes(`--out ${out}: a part of the path is not a directory`)], stderr).toEqual([
        2,
        true,
      ]);
    }
    const run = join(place, "run");
    await cp(whole, run, { recursive: true });
    await rm(join(run, "checkpoints"), { recursive: true });
    await writeFile(join(run, "checkpoints"), "mine");
    const { code, stderr } = await cli(["train", "--resume", run, "--backend", "cpu"]);
    expect(code, stderr).toBe(2);
    expect(stderr).toContain(`${run}/checkpoints: cannot be written: `);
    expect(stderr).not.toMatch(/loss|saved/);
  });
});

describe("the temporary folder", () => {
  const backends = ["cpu", ...(testBackends().includes("tensorflow") ? ["tensorflow"] : [])];
  for (const backend of backends) {
    const fault = "TMPDIR on another file system that is full; TMPDIR that is not there";
    trial({ number: 5, fault, times: 2, on: backend, skip: cannotMount }, async () => {
      const place = await empty(`temporary-${backend}`);
      const script = `mkdir "$1/full"; mount -t tmpfs -o size=4k none "$1/full"
        head -c 8192 /dev/zero > "$1/full/filler" 2> /dev/null
        place="$1"; shift
        TMPDIR="$place/full" cli train --out "$place/one" "$@" > /dev/null; echo "code $?"
        TMPDIR="$place/none" cli train --out "$place/two" "$@" > /dev/null; echo "code $?"`;
      const args = [...smallRun(text), "--backend", backend].slice(2);
      const { stdout, stderr } = await inNamespace(script, [place, ...args]);
      expect(stdout, stderr).toBe("code 0\ncode 0\n");
      const [one, two] = [join(place, "one/checkpoints/step-6"), join(place, "two/checkpoints/step-6")];
      expect(Object.keys(await hashes(one))).toHaveLength(3);
      expect(await hashes(one)).toEqual(await hashes(two));
    });
  }
});
