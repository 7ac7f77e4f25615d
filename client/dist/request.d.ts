import type { Problem } from "./generated/api.js";
/** The options of `fetch`, and `api`: the URL or path of the API, with its stage. */
export interface Call extends RequestInit {
    api?: string;
}
/** An error response. `problem` is missing if the response is not a problem, such as a 413. */
export declare class ApiError extends Error {
    readonly status: number;
    readonly problem?: Problem | undefined;
    constructor(status: number, problem?: Problem | undefined);
}
/**
 * Sends the request of a generated function, and repeats it once after a network error, 429 or 5xx.
 * The generated functions use it for GET, and for operations with `x-idempotent` in openapi.yaml.
 */
export declare function request<Body>(path: string, call: Call): Promise<Body>;
/** Sends the request of a generated function that may not be repeated. */
export declare function requestOnce<Body>(path: string, call: Call): Promise<Body>;
/** Serializes the query parameters of a generated function, without those that are undefined. */
export declare function query(parameters?: object): string;
