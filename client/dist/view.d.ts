/** Counts a page view once for each counter, even if several elements show the counter. */
import { type Counter } from "./generated/api.js";
/** The numbers including this view, those that this browser received before, and the page's path. */
type View = [numbers: Promise<Counter>, last: Counter | false, path: string];
/** Loads an element again; `isRoute` if only the path of the page has changed. */
type Reload = (isRoute: boolean) => void;
/** Returns this view of the page. If `routes` is true, each new path of the page is a new view. */
export declare function viewOf(api: string, counter: string, routes: boolean): View;
/** Calls a function at each later view of the page. */
export declare function watch(reload: Reload): void;
export declare function stop(reload: Reload): void;
export {};
