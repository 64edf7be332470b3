import { library } from "@infinite-former/tooling-tsup";

export default library({
  entry: [
    "src/cli.ts",
    "src/contender.ts",
    "src/numerics.ts",
    "src/bases.ts",
    "src/reading.ts",
    "src/recall.ts",
  ],
  platform: "node",
  dts: false,
});
