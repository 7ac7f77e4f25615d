/** Says on the console why an element shows nothing, or why a visit is not counted. */

import { ApiError } from "./request.js";

export function say(level: "info" | "warn", api: string, counter: string, text: string): void {
  console[level](`Counter "${counter}" of ${api} on ${location.origin}: ${text}`);
}

/** Words the error of a request. */
export function explain(error: unknown): string {
  return error instanceof ApiError
    ? `${error.message}. ${error.problem?.detail ?? "Is this the API? Its address ends with a stage, like /live."}`
    : `No response (${error}). Offline, blocked (by an ad blocker?), or a wrong address.`;
}
