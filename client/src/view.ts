/** Counts a page view once for each counter, even if several elements show the counter. */

import { type Counter, readCounter, recordVisit } from "./generated/api.js";
import { recall, remember } from "./memory.js";
import { counts, seen, uuid } from "./visitor.js";

const views = new Map<string, Promise<Counter>>();

/** Returns the counter's numbers, including this view. */
export function view(api: string, counter: string): Promise<Counter> {
  const key = keyOf(api, counter);
  if (!views.has(key)) views.set(key, ask(api, counter));
  return views.get(key)!;
}

/** Returns the numbers that this browser received last, or null. */
export function lastKnown(api: string, counter: string): Counter | null {
  const numbers = recall(keyOf(api, counter));
  return isCounter(numbers) ? numbers : null;
}

async function ask(api: string, counter: string): Promise<Counter> {
  await seen();
  const numbers = await (counts()
    ? recordVisit(counter, { visitId: uuid() }, { api })
    : readCounter(counter, { api }));
  if (!isCounter(numbers)) throw new TypeError("not a counter");
  remember(keyOf(api, counter), numbers);
  return numbers;
}

function isCounter(value: unknown): value is Counter {
  const counter = value as Counter | null;
  return [counter?.visits, counter?.visitors, counter?.today?.visits].every(Number.isInteger);
}

function keyOf(api: string, counter: string): string {
  return `visitor-counter ${api} ${counter}`;
}
