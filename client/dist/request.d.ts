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
 * Sends the request of a generated function, and retries once after a network error, 429 or 5xx.
 * A retry is safe: reads change nothing, and the API counts a visitId, which is in the path, once.
 */
export declare function request<Body>(path: string, { api, ...options }: Call): Promise<Body>;
/** Serializes the query parameters of a generated function, without those that are undefined. */
export declare function query(parameters?: object): string;
