// src/request.ts
var TIMEOUT = 8e3;
var PAUSE = 1e3;
var ApiError = class extends Error {
  constructor(status, problem) {
    super(problem?.title ?? `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
  status;
  problem;
};
async function request(path, call) {
  let response = await send(path, call).catch(() => null);
  if (!response || response.status === 429 || response.status >= 500) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    response = await send(path, call);
  }
  return read(response);
}
function send(path, { api = "", ...options }) {
  const signal = AbortSignal.timeout?.(TIMEOUT) ?? null;
  return fetch(api.replace(/\/$/, "") + path, { ...options, signal });
}
async function read(response) {
  const isJson = /json/.test(response.headers.get("Content-Type"));
  const body = await (isJson ? response.json() : response.blob());
  if (response.ok) return body;
  throw new ApiError(response.status, body?.title && body);
}
function query(parameters = {}) {
  return `${new URLSearchParams(JSON.parse(JSON.stringify(parameters)))}`;
}

// src/generated/api.ts
var HealthStatus = {
  ok: "ok"
};
var getReadCounterUrl = (counterId) => {
  return `/counters/${encodeURIComponent(String(counterId))}`;
};
var readCounter = async (counterId, options) => {
  return request(
    getReadCounterUrl(counterId),
    {
      ...options,
      method: "GET"
    }
  );
};
var getRecordVisitUrl = (counterId, params) => {
  const stringifiedParams = query(params);
  return stringifiedParams.length > 0 ? `/counters/${encodeURIComponent(String(counterId))}/visits?${stringifiedParams}` : `/counters/${encodeURIComponent(String(counterId))}/visits`;
};
var recordVisit = async (counterId, params, options) => {
  return request(
    getRecordVisitUrl(counterId, params),
    {
      ...options,
      method: "POST"
    }
  );
};
var getReadHistoryUrl = (counterId, params) => {
  const stringifiedParams = query(params);
  return stringifiedParams.length > 0 ? `/counters/${encodeURIComponent(String(counterId))}/history?${stringifiedParams}` : `/counters/${encodeURIComponent(String(counterId))}/history`;
};
var readHistory = async (counterId, params, options) => {
  return request(
    getReadHistoryUrl(counterId, params),
    {
      ...options,
      method: "GET"
    }
  );
};
var getReadBadgeUrl = (counterId, params) => {
  const stringifiedParams = query(params);
  return stringifiedParams.length > 0 ? `/counters/${encodeURIComponent(String(counterId))}/badge.svg?${stringifiedParams}` : `/counters/${encodeURIComponent(String(counterId))}/badge.svg`;
};
var readBadge = async (counterId, params, options) => {
  return request(
    getReadBadgeUrl(counterId, params),
    {
      ...options,
      method: "GET"
    }
  );
};
var getReadHealthUrl = () => {
  return `/health`;
};
var readHealth = async (options) => {
  return request(
    getReadHealthUrl(),
    {
      ...options,
      method: "GET"
    }
  );
};
export {
  ApiError,
  HealthStatus,
  getReadBadgeUrl,
  getReadCounterUrl,
  getReadHealthUrl,
  getReadHistoryUrl,
  getRecordVisitUrl,
  readBadge,
  readCounter,
  readHealth,
  readHistory,
  recordVisit
};
