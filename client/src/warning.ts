/** Explains on the console why an element shows nothing. */

import { ApiError } from "./request.js";

export function warn(api: string, counter: string, error: unknown): void {
  console.warn(
    `Counter "${counter}" of ${api} on ${location.origin}: ` +
      (error instanceof ApiError
        ? `${error.message}. ${error.problem?.detail ?? "Is this the API? Its address ends with a stage, like /live."}`
        : "No response. Offline, blocked (by an ad blocker?), or a wrong address."),
  );
}
