import type { Problem } from "./generated/api.js";
/** What `fetch` takes, and where the API is: a URL or a path, with its stage. */
export interface Call extends RequestInit {
    api?: string;
}
/** The API answered, and its answer is an error. What is not from the API has no problem. */
export declare class ApiError extends Error {
    readonly status: number;
    readonly problem?: Problem | undefined;
    constructor(status: number, problem?: Problem | undefined);
}
/**
 * Sends what a generated function asks for, and once more when nobody could answer.
 * That is safe: reading changes nothing, and a visit counts once for its visitId, which is in the path.
 */
export declare function request<Body>(path: string, { api, ...options }: Call): Promise<Body>;
