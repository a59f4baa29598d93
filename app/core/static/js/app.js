// Starts what every page has. Modules find their elements by data attributes and do nothing without them.
import { startForms } from "./form.js";
import { startLists } from "./list.js";
import { startShell } from "./shell.js";

startShell();
startLists();
startForms();
