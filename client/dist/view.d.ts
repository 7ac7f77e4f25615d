/** Counts a page view once for each counter, even if several elements show the counter. */
import { type Counter } from "./generated/api.js";
/** Returns the counter's numbers, including this view. */
export declare function view(api: string, counter: string): Promise<Counter>;
/** Returns the numbers that this browser received last, or null. */
export declare function lastKnown(api: string, counter: string): Counter | null;
