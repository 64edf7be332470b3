import { library } from "@infinite-former/tooling-tsup";

export default library({
  entry: { cli: "src/cli.ts", index: "src/index.ts", training: "src/train/cell-session.ts" },
  platform: "node",
  dts: false,
});
