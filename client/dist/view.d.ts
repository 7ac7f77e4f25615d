/** One view of this page, which counts once on each counter however often it is shown. */
import { type Counter } from "./generated/api.js";
/** The counter's numbers, with this view in them. */
export declare function view(api: string, counter: string): Promise<Counter>;
/** The numbers that this browser got last. */
export declare function lastKnown(api: string, counter: string): Counter | null;
