import type { RequestHandler } from 'express';
import type { ApiScope } from '../api-keys/index.ts';
import type { Role } from '../users/role.ts';
import { guard } from './guard.ts';
import { HttpProblem } from './problem.ts';

/** Lets through a key with this scope, and who is signed in and has one of `allowed` roles. */
export function guardApi(scope: ApiScope, ...allowed: Role[]): RequestHandler {
  const people = guard(...allowed);
  return (req, res, next) => {
    const { apiKey } = req.context;
    if (!apiKey) return people(req, res, next);
    if (!apiKey.scopes.includes(scope)) throw new HttpProblem(403, 'api-scope', { scope });
    next();
  };
}
