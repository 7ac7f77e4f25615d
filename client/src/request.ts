import type { Problem } from "./generated/api.js";

const TIMEOUT = 8000;
const PAUSE = 1000;

/** The options of `fetch`, and `api`: the URL or path of the API, with its stage. */
export interface Call extends RequestInit {
  api?: string;
}

/** An error response. `problem` is missing if the response is not a problem, such as a 413. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly problem?: Problem,
  ) {
    super(problem?.title ?? `HTTP ${status}`);
  }
}

/**
 * Sends the request of a generated function, and repeats it once after a network error, 429 or 5xx.
 * The generated functions use it for GET, and for operations with `x-idempotent` in openapi.yaml.
 */
export async function request<Body>(path: string, call: Call): Promise<Body> {
  let response = await send(path, call).catch(() => null);
  if (!response || response.status === 429 || response.status >= 500) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    response = await send(path, call);
  }
  return read(response);
}

/** Sends the request of a generated function that may not be repeated. */
export async function requestOnce<Body>(path: string, call: Call): Promise<Body> {
  return read(await send(path, call));
}

function send(path: string, { api = "", ...options }: Call): Promise<Response> {
  // Before Chrome 103, Firefox 100 and Safari 16, a request has no time-out.
  const signal = AbortSignal.timeout?.(TIMEOUT) ?? null;
  return fetch(api.replace(/\/$/, "") + path, { ...options, signal });
}

async function read<Body>(response: Response): Promise<Body> {
  const isJson = /json/.test(response.headers.get("Content-Type")!);
  const body = await (isJson ? response.json() : response.blob());
  if (response.ok) return body;
  throw new ApiError(response.status, body?.title && body);
}

/** Serializes the query parameters of a generated function, without those that are undefined. */
export function query(parameters: object = {}): string {
  return `${new URLSearchParams(JSON.parse(JSON.stringify(parameters)))}`;
}
