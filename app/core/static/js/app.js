// Starts what every page has. Modules find their elements by data attributes and do nothing without them.
import { startDialogs } from "./dialog.js";
import { startFilters } from "./filters.js";
import { startForms } from "./form.js";
import { startLists } from "./list.js";
import { startSearch } from "./search.js";
import { startShell } from "./shell.js";

startShell();
startSearch();
startFilters();
startLists();
startForms();
startDialogs();
