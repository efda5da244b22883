export const roles = ['agent', 'supervisor', 'marketing', 'manager', 'administrator'] as const;

/** What a person is here to do. A person has exactly one; an administrator may do everything. */
export type Role = (typeof roles)[number];

/** Whether somebody of `role` may do what `allowed` names. An empty `allowed` means anyone who is signed in. */
export function roleMay(role: Role, allowed: readonly Role[]): boolean {
  return allowed.length === 0 || role === 'administrator' || allowed.includes(role);
}
