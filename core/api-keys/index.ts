export { apiScopes, type ApiKey, type ApiScope } from './api-key.ts';
export { createApiKeyStore, type ApiKeyStore } from './api-key-store.ts';
