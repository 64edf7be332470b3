const backends = process.env["INFINITE_FORMER_TEST_BACKENDS"];

/** Why the tests are to run without native TensorFlow, or `false` where they run with it. */
export const withoutNative: string | false =
  process.env["INFINITE_FORMER_NATIVE"] === "0" ||
  (backends !== undefined && backends !== "" && !backends.split(",").includes("tensorflow"))
    ? "native TensorFlow is switched off or not to be had here"
    : false;
