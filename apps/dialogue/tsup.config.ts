import { library } from "@infinite-former/tooling-tsup";

export default library({ entry: { cli: "src/cli.ts" }, platform: "node", dts: false });
