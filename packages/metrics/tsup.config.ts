import { library } from "@infinite-former/tooling-tsup";

export default library();
