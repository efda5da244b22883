/** A request that has found its route. */
export interface SimRequest {
  path: Record<string, string>;
  query: URLSearchParams;
  body: unknown;
}

/** An answer that is no JSON. */
export interface StreamReply {
  stream: NodeJS.ReadableStream;
  contentType: string;
}

/** One ARI operation. The API description that ari-client reads is made from these. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/ari`, with `{parameters}`. */
  path: string;
  nickname: string;
  /** Names of the query's parameters. */
  query?: string[];
  /** Name of the body's parameter. */
  body?: string;
  /** ARI's name of what comes back; nothing comes back when absent. */
  returns?: string;
  handle(request: SimRequest): unknown;
}
