import { z } from 'zod';
import { line } from '../text/index.ts';
import { locales, type Locale } from '../i18n/index.ts';
import { roles, type Role } from './role.ts';

export const phoneModes = ['webrtc', 'desk'] as const;
export const legModes = ['nailed', 'per-call'] as const;
export const themes = ['light', 'dark', 'auto'] as const;

/** `webrtc`: the browser's softphone. `desk`: a phone of its own, reached at `phoneEndpoint`. */
export type PhoneMode = (typeof phoneModes)[number];
/** `nailed`: one leg stays up while signed in to the phone. `per-call`: the phone, on a desk, rings for each call. */
export type LegMode = (typeof legModes)[number];
export type Theme = (typeof themes)[number];

export interface User {
  id: number;
  /** Lower case, unique. */
  username: string;
  name: string;
  role: Role;
  /** Null: as the browser asks. */
  locale: Locale | null;
  theme: Theme | null;
  mustChangePassword: boolean;
  /** Epoch ms; null while the account may sign in. */
  disabledAt: number | null;
  /** Sessions that began under a lower one are over. */
  sessionEpoch: number;
  phoneMode: PhoneMode;
  phoneEndpoint: string | null;
  legMode: LegMode;
  /** How often what an administrator fills in has been written. */
  revision: number;
  createdAt: number;
  updatedAt: number;
}

/** Usernames are compared in one form: trimmed, NFKC, lower case. */
export function normalUsername(text: string): string {
  return text.normalize('NFKC').trim().toLowerCase();
}

export const usernameSchema = z
  .string()
  .transform(normalUsername)
  .pipe(
    z
      .string()
      .min(1)
      .max(60)
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}._@-]*$/u, 'web:users.errors.username'),
  );

export const nameSchema = line.min(1).max(120);
export const roleSchema = z.enum(roles);
export const localeSchema = z.enum(locales);
export const themeSchema = z.enum(themes);

/** An unset choice comes from a form as ''. */
const orNull = <S extends z.ZodType>(schema: S) => z.union([z.literal('').transform(() => null), schema]);

/** What an administrator fills in. A desk phone needs to be reachable somewhere, and only it may ring for each call. */
export const userFormSchema = z
  .object({
    name: nameSchema,
    role: roleSchema,
    locale: orNull(localeSchema).default(null),
    phoneMode: z.enum(phoneModes).default('webrtc'),
    phoneEndpoint: orNull(
      z
        .string()
        .trim()
        .max(120)
        .regex(/^[A-Za-z]+\/[\w.+@:-]+$/, 'web:users.errors.endpoint'),
    ).default(null),
    legMode: z.enum(legModes).default('nailed'),
  })
  .refine((user) => user.phoneMode !== 'desk' || user.phoneEndpoint !== null, {
    path: ['phoneEndpoint'],
    error: 'web:users.errors.endpointMissing',
  })
  // Its leg would be the call's, and a reload of the page ends the leg.
  .refine((user) => user.phoneMode !== 'webrtc' || user.legMode !== 'per-call', {
    path: ['legMode'],
    error: 'web:users.errors.browserRung',
  });

export type UserForm = z.output<typeof userFormSchema>;
