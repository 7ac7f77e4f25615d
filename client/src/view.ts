/** Counts a page view once for each counter, even if several elements show the counter. */

import { type Counter, readCounter, recordVisit } from "./generated/api.js";
import { recall, remember } from "./memory.js";
import { ApiError } from "./request.js";
import { counts, seen, uuid } from "./visitor.js";
import { warn } from "./warning.js";

/** The numbers including this view, those that this browser received before, and the page's path. */
type View = [numbers: Promise<Counter>, last: Counter | false, path: string];

const views: Record<string, View> = {};

/** Returns this view of the page. If `routes` is true, each new path of the page is a new view. */
export function viewOf(api: string, counter: string, routes: boolean): View {
  const key = `visitor-counter ${api} ${counter}`;
  const path = location.pathname;
  const view = views[key];
  if (view && (!routes || view[2] === path)) return view;

  const last = recall(key);
  const numbers = ask(api, counter);
  numbers.then(
    (numbers) => remember(key, numbers),
    (error) => warn(api, counter, error),
  );
  return (views[key] = [numbers, isCounter(last) && last, path]);
}

async function ask(api: string, counter: string): Promise<Counter> {
  await seen();
  let numbers: Counter | undefined;
  try {
    if (counts()) numbers = await recordVisit(counter, { visitId: uuid() }, { api });
  } catch (error) {
    if ((error as ApiError).status !== 429) throw error; // reads have a rate limit of their own
  }
  numbers ??= await readCounter(counter, { api });
  if (isCounter(numbers)) return numbers;
  throw new ApiError(200);
}

function isCounter(value: unknown): value is Counter {
  const counter = value as Counter | null;
  return [counter?.visits, counter?.visitors, counter?.today?.visits].every(Number.isInteger);
}
