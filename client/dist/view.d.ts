/** Counts a page view once for each counter, even if several elements show the counter. */
import { type Counter } from "./generated/api.js";
/** The numbers including this view, those that this browser received before, and the page's path. */
type View = [numbers: Promise<Counter>, last: Counter | false, path: string];
/** Returns this view of the page. If `routes` is true, each new path of the page is a new view. */
export declare function viewOf(api: string, counter: string, routes: boolean): View;
export {};
