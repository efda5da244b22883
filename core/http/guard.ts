import type { RequestHandler } from 'express';
import { roleMay, type Role } from '../users/role.ts';
import { HttpProblem } from './problem.ts';

/**
 * Lets through who is signed in and has one of `allowed` roles (none named: any role; an administrator always).
 * Nobody signed in: pages go to the sign-in page and come back, JSON and htmx get 401.
 */
export function guard(...allowed: Role[]): RequestHandler {
  return (req, _res, next) => {
    const { user } = req.context;
    if (!user) throw new HttpProblem(401, 'signed-out');
    if (!roleMay(user.role, allowed)) throw new HttpProblem(403, 'forbidden');
    next();
  };
}
