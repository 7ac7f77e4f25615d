export * from "./generated/api.js";
export { ApiError, type Call } from "./request.js";
