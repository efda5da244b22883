export { demoAccounts, type DemoAccount } from './demo-accounts.ts';
export { calledName, ensureFirstAdministrator } from './first-administrator.ts';
export { generatePassword, passwordSchema } from './password.ts';
export { weaknessOf } from './weak-password.ts';
export { roleMay, roles, type Role } from './role.ts';
export { SipPasswordStore } from './sip-password-store.ts';
export { UserStore, type UserFilters } from './user-store.ts';
export { Users, type Actor, type NewAccount } from './users.ts';
export {
  legModes,
  localeSchema,
  nameSchema,
  phoneModes,
  themeSchema,
  themes,
  userFormSchema,
  usernameSchema,
  type LegMode,
  type PhoneMode,
  type Theme,
  type User,
  type UserForm,
} from './user.ts';
