/** Counts a page view once for each counter, even if several elements show the counter. */
import { type Counter } from "./generated/api.js";
/** The numbers including this view, those that this browser received before, and the page's path. */
type View = [numbers: Promise<Counter>, last: Counter | false, path: string];
/** An element that shows a view. `isRoute` is true if only the path of the page has changed. */
interface Viewer {
    reload(isRoute: boolean): void;
}
/** Returns this view of the page. If `routes` is true, each new path of the page is a new view. */
export declare function viewOf(api: string, counter: string, routes: boolean): View;
/** Reloads an element at each later view of the page. */
export declare function watch(viewer: Viewer): void;
export declare function stop(viewer: Viewer): void;
export {};
