import { createHash } from "node:crypto";
import { access, mkdir, readdir, readFile, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Environment, nativeCache } from "./cache.js";
import { nvidiaFolders } from "./cuda.js";
import { BackendError } from "./errors.js";
import type { Libtensorflow } from "./locate.js";
import { oneBuilds } from "./one-builds.js";
import { type NativePlatform, nativePlatform } from "./platform.js";
import { run } from "./process.js";
import { openStage, publish } from "./publish.js";
import { remedies } from "./remedies.js";

const NODE_API_VERSION = 8;
const ADDON = "tensorflow.node";
const CAPTURE = "captured-stderr.node";
/** What lets a compiler use vectors and fused products throughout; comparisons and NaN keep their meaning. */
const KERNEL_FLAGS = ["-O3", "-fno-math-errno", "-fno-trapping-math", "-ffp-contract=fast"];
const packageRoot = fileURLToPath(new URL("..", import.meta.url));
const nativeFolder = join(packageRoot, "native");
const sourceFolders: readonly string[] = [nativeFolder, join(packageRoot, "generated", "binding")];
const KERNELS = "kernels";

/**
 * Where the addon for one libtensorflow lies once it is compiled: one for each
 * Node-API version, TensorFlow, platform and text of the C++.
 */
export async function addonPath(
  library: Libtensorflow,
  env: Environment = process.env,
  platform: NativePlatform = nativePlatform(),
): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of [...sourceFolders, join(nativeFolder, KERNELS)]) {
    for (const entry of (await readdir(folder, { withFileTypes: true })).sort(byName))
      if (entry.isFile()) hash.update(entry.name).update(await readFile(join(folder, entry.name)));
  }
  for (const path of library.libraries) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
  }
  const key = `napi${NODE_API_VERSION}-tf${library.version}-${platform.name}-${hash.digest("hex").slice(0, 16)}`;
  return join(nativeCache(env).addons, key, ADDON);
}

/** True where {@link addonPath} exists. Only addons that were loaded once get there. */
export async function isBuilt(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Compiles the addon against one libtensorflow, unless that was done before,
 * and loads it once in a process of its own. Of several processes one compiles
 * and the others wait for it.
 *
 * @returns the addon's path
 * @throws {BackendError} `ERR_BACKEND` without a compiler, or with the compiler's log where it fails
 */
export async function buildAddon(
  library: Libtensorflow,
  env: Environment = process.env,
  platform: NativePlatform = nativePlatform(),
): Promise<string> {
  const path = await addonPath(library, env, platform);
  await oneBuilds(
    `${dirname(path)}.claim`,
    () => isBuilt(path),
    () => buildAt(path, library, env, platform),
  );
  return path;
}

async function buildAt(
  path: string,
  library: Libtensorflow,
  env: Environment,
  platform: NativePlatform,
): Promise<void> {
  const compiler = await findCompiler(env);
  if (!compiler) throw fault("there is no C++ compiler", remedies.compiler);
  const stage = await openStage(nativeCache(env));
  try {
    const target = join(stage, "addon", ADDON);
    const compileOne = (source: string, to: string, flags: readonly string[]): Promise<void> =>
      compile(compiler, source, to, flags, env);
    const kernels = await compileKernels(compileOne, stage, platform);
    const flags = addonFlags(library, await nvidiaFolders(library));
    await compileOne("addon.cc", target, [...platform.linkFlags, ...kernels, ...flags]);
    await compileOne("captured_stderr.cc", capturePath(target), platform.linkFlags);
    await tryOut(target, env);
    await publish(dirname(target), dirname(path));
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** Where the small addon lies that catches what libtensorflow prints while it is loaded: beside the large one. */
export function capturePath(addon: string): string {
  return join(dirname(addon), CAPTURE);
}

/** A compiler and its first arguments: `$CXX`, else the usual names. */
export async function findCompiler(env: Environment = process.env): Promise<readonly string[] | undefined> {
  const named = (env["CXX"] ?? "").split(/\s+/).filter(Boolean);
  const candidates = named.length > 0 ? [named] : [["c++"], ["g++"], ["clang++"]];
  for (const [program = "", ...args] of candidates) {
    const { code } = await run(program, [...args, "--version"], env);
    if (code === 0) return [program, ...args];
  }
  return undefined;
}

/** What compiling against libtensorflow needs: its headers, its libraries, and where they are found at run time. */
function addonFlags(library: Libtensorflow, nvidia: readonly string[]): string[] {
  const paths = [library.folder, ...nvidia];
  return [
    "-DNODE_GYP_MODULE_NAME=infinite_former_tensorflow",
    ...[...sourceFolders, library.include].flatMap((folder) => ["-I", folder]),
    ...library.libraries,
    ...paths.flatMap((folder) => ["-Xlinker", "-rpath", "-Xlinker", folder]),
  ];
}

/**
 * The kernels once for each instruction set of the platform; which of them runs
 * is decided when the addon is loaded, so a cache may be shared by machines.
 *
 * @returns the object files
 */
async function compileKernels(
  compileOne: (source: string, target: string, flags: readonly string[]) => Promise<void>,
  stage: string,
  { instructionSets }: NativePlatform,
): Promise<string[]> {
  // Side by side; all have ended before one that failed is told of, since the stage goes then.
  const ends = await Promise.allSettled(
    instructionSets.map(async ({ name, flags }) => {
      const object = join(stage, `kernels-${name}.o`);
      const own = ["-c", "-fPIC", `-DISA=${name}`, ...KERNEL_FLAGS, ...flags];
      await compileOne(join(KERNELS, "isa.cc"), object, own);
      return object;
    }),
  );
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}

async function compile(
  [program = "", ...first]: readonly string[],
  source: string,
  target: string,
  flags: readonly string[],
  env: Environment,
): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const headers = dirname(createRequire(import.meta.url).resolve("node-api-headers/package.json"));
  const args = [
    ...first,
    "-std=c++17",
    "-O2",
    `-DNAPI_VERSION=${NODE_API_VERSION}`,
    "-I",
    join(headers, "include"),
    join(nativeFolder, source),
    "-o",
    target,
    ...flags,
  ];
  const { code, signal, stderr } = await run(program, args, env);
  if (code === 0) return;
  const log = stderr.trim().split("\n").slice(0, 40).join("\n");
  throw fault(`compiling ${source} with ${program} ended with ${signal ?? code}:\n${log}`, remedies.compiler);
}

/** Loads a new addon in a child: a library that crashes must not take the caller with it. */
async function tryOut(addon: string, env: Environment): Promise<void> {
  const script = `const m = { exports: {} }; process.dlopen(m, ${JSON.stringify(addon)}); if (!m.exports.TF_Version) process.exit(3);`;
  const quiet = { TF_CPP_MIN_LOG_LEVEL: "2", ...env };
  const { code, signal, stderr } = await run(process.execPath, ["-e", script], quiet);
  if (code === 0) return;
  throw fault(
    `the compiled addon does not load (${signal ?? code}): ${stderr.trim().slice(0, 2000)}`,
    remedies.setup,
  );
}

function fault(reason: string, remedy: string): BackendError {
  return new BackendError("tensorflow", { reason, remedy });
}
