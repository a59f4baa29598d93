// What a page of the dealer panel has beyond plain forms: the calendar.
import { startDates } from "./dates.js";

startDates();
