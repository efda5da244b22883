/** Who may change everything of a customer; agents change numbers and write notes. */
export const customerEditors = ['supervisor', 'marketing', 'manager', 'administrator'] as const;

export const phoneTypes = ['mobile', 'home', 'work', 'other'] as const;
export type PhoneType = (typeof phoneTypes)[number];

export interface CustomerPhone {
  readonly e164: string;
  readonly type: PhoneType;
}

/** A person or firm, with everything its page edits. */
export interface CustomerFields {
  readonly name: string;
  /** How to address: 'Ms Chen', '陈女士'. */
  readonly salutation: string | null;
  /** The id it has in the firm's other systems. */
  readonly externalId: string | null;
  /** BCP 47. */
  readonly language: string | null;
  readonly company: string | null;
  readonly email: string | null;
  readonly address: string | null;
  /** `US-NY-10001`, `CN-SH`, `TW`: country, subdivision, postal code. */
  readonly addressRegion: string | null;
  /** Fields of the firm's own. */
  readonly custom: Readonly<Record<string, string>>;
  /** In the order they are called. */
  readonly phones: readonly CustomerPhone[];
  readonly tags: readonly string[];
}

/** Who came without a name is kept under their number until somebody says more. */
export function isNameless({ name }: Pick<CustomerFields, 'name'>): boolean {
  return /^\+\d{6,15}$/.test(name);
}

export interface Customer extends CustomerFields {
  readonly id: number;
  readonly revision: number;
  readonly createdAt: number;
  readonly updatedAt: number;
}
