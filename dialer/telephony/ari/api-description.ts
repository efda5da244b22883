import { createRequire } from 'node:module';

interface Described {
  basePath?: string;
}
type Reads = (this: { url: string; api?: { url: string } }, description: Described) => unknown;
interface SwaggerClient {
  SwaggerApi: { prototype: { buildFrom1_1Spec: Reads } };
  SwaggerResource: { prototype: { addApiDeclaration: Reads } };
}

const { resolve } = createRequire(import.meta.url);
/** The one that ari-client reads with. */
const swagger = createRequire(resolve('ari-client'))('swagger-client') as SwaggerClient;

/**
 * Asterisk's description of its ARI names itself by plain http and the host that it was asked for, also where it was
 * asked by https or through a proxy, and its reader would ask on there. It asks on where it was sent.
 */
function readsOnWhereItWasSent(read: Reads): Reads {
  return function (description) {
    const { basePath } = description;
    const { origin } = new URL(this.api?.url ?? this.url);
    return read.call(
      this,
      basePath ? { ...description, basePath: origin + new URL(basePath, origin).pathname } : description,
    );
  };
}

const { SwaggerApi, SwaggerResource } = swagger;
SwaggerApi.prototype.buildFrom1_1Spec = readsOnWhereItWasSent(SwaggerApi.prototype.buildFrom1_1Spec);
SwaggerResource.prototype.addApiDeclaration = readsOnWhereItWasSent(
  SwaggerResource.prototype.addApiDeclaration,
);
