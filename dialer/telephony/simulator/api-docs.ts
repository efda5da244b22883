import type { Route } from './routes/route.ts';

/** What ARI serves under `/ari/api-docs`, made from the routes, in the Swagger 1.2 form (of 1.1, which Asterisk serves, the reader of ari-client complains on the console). */
export function apiDocs(routes: readonly Route[], baseUrl: string): Map<string, object> {
  const base = { apiVersion: '2.0.0', swaggerVersion: '1.2', basePath: baseUrl };
  const resources = [...new Set([...routes.map(resourceOf), 'events'])];
  const docs = new Map<string, object>();
  docs.set('resources', {
    ...base,
    apis: resources.map((name) => ({ path: `/api-docs/${name}.{format}`, description: name })),
  });
  for (const resource of resources)
    docs.set(resource, {
      ...base,
      resourcePath: `/api-docs/${resource}.{format}`,
      apis: routes.filter((route) => resourceOf(route) === resource).map(describe),
      models: {},
    });
  return docs;
}

function resourceOf(route: Route): string {
  return route.path.split('/')[1] ?? '';
}

function describe(route: Route) {
  const parameter = (paramType: string) => (name: string) => ({
    name,
    paramType,
    required: paramType === 'path',
    dataType: paramType === 'body' ? 'containers' : 'string',
  });
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return {
    path: route.path,
    description: route.nickname,
    operations: [
      {
        httpMethod: route.method,
        nickname: route.nickname,
        summary: route.nickname,
        responseClass: route.returns ?? 'void',
        parameters: [
          ...inPath.map(parameter('path')),
          ...(route.query ?? []).map(parameter('query')),
          ...(route.body ? [parameter('body')(route.body)] : []),
        ],
      },
    ],
  };
}
