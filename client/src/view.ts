/** Counts a page view once for each counter, even if several elements show the counter. */

import { type Counter, readCounter, recordVisit } from "./generated/api.js";
import { recall, remember } from "./memory.js";
import { currentPath, watchPath } from "./path.js";
import { ApiError } from "./request.js";
import { exclusion, seen, uuid } from "./visitor.js";
import { explain, say } from "./warning.js";

/** The numbers including this view, those that this browser received before, and the page's path. */
type View = [numbers: Promise<Counter>, last: Counter | false, path: string];

/** An element that shows a view. `isRoute` is true if only the path of the page has changed. */
interface Viewer {
  reload(isRoute: boolean): void;
}

let views: Record<string, View> = {};
const viewers = new Set<Viewer>();

/** Returns this view of the page. If `routes` is true, each new path of the page is a new view. */
export function viewOf(api: string, counter: string, routes: boolean): View {
  if (routes) watchPath(changePath);
  const key = `visitor-counter ${api} ${counter}`;
  const path = currentPath();
  const view = views[key];
  if (view && (!routes || view[2] === path)) return view;

  const last = recall(key);
  const numbers = ask(api, counter);
  numbers.then(
    (numbers) => remember(key, numbers),
    (error) => say("warn", api, counter, explain(error)),
  );
  return (views[key] = [numbers, isCounter(last) && last, path]);
}

/** Reloads an element at each later view of the page. */
export function watch(viewer: Viewer): void {
  viewers.add(viewer);
  addEventListener("pageshow", comeBack); // adding it again changes nothing
}

export function stop(viewer: Viewer): void {
  viewers.delete(viewer);
}

/** A page that comes out of the back/forward cache is viewed again. */
function comeBack({ persisted }: PageTransitionEvent): void {
  if (!persisted) return;
  views = {};
  for (const viewer of viewers) viewer.reload(false);
}

function changePath(): void {
  for (const viewer of viewers) viewer.reload(true);
}

async function ask(api: string, counter: string): Promise<Counter> {
  await seen();
  let level: "info" | "warn" = "info";
  let reason = exclusion();
  try {
    if (!reason) return check(await recordVisit(counter, { visitId: uuid() }, { api }));
  } catch (error) {
    if (!mayRead(error)) throw error;
    level = "warn";
    reason = explain(error);
  }
  const numbers = check(await readCounter(counter, { api }));
  say(level, api, counter, `Not counted. ${reason}`);
  return numbers;
}

/**
 * Whether the number can be read although a visit has failed: the page's origin is not listed, visits
 * are throttled, or an extension of the browser blocks them, which is a TypeError of `fetch`.
 */
function mayRead(error: unknown): boolean {
  return error instanceof TypeError || [403, 429].includes((error as ApiError).status);
}

function check(numbers: Counter): Counter {
  if (isCounter(numbers)) return numbers;
  throw new ApiError(200);
}

function isCounter(value: unknown): value is Counter {
  const counter = value as Counter | null;
  return [counter?.visits, counter?.visitors, counter?.today?.visits].every(Number.isInteger);
}
