import type { Problem } from "./generated/api.js";

const TIMEOUT = 8000;
const PAUSE = 1000;

/** What `fetch` takes, and where the API is: a URL or a path, with its stage. */
export interface Call extends RequestInit {
  api?: string;
}

/** The API answered, and its answer is an error. What is not from the API has no problem. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem?: Problem,
  ) {
    super(problem?.title ?? `HTTP ${status}`);
  }
}

/**
 * Sends what a generated function asks for, and once more when nobody could answer.
 * That is safe: reading changes nothing, and a visit counts once for its visitId, which is in the path.
 */
export async function request<Body>(path: string, { api = "", ...options }: Call): Promise<Body> {
  const send = () =>
    fetch(api.replace(/\/$/, "") + path, { ...options, signal: AbortSignal.timeout(TIMEOUT) });

  let response = await send().catch(() => null);
  if (!response || response.status === 429 || response.status >= 500) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    response = await send();
  }
  const isJson = /json/.test(response.headers.get("Content-Type")!);
  const body = await (isJson ? response.json() : response.blob());
  if (response.ok) return body;
  throw new ApiError(response.status, isJson ? body : undefined);
}
