/** Which of a user's browsers has their phone. */
export interface PhoneHolder {
  /** The name that a browser has given itself. */
  browser: string;
  /** Higher each time the phone is taken: of two words the one with the higher turn is true. */
  turn: number;
}

/** What pages of a user are told; `again`: the one that had it has let go, and may have disturbed the registration. */
export type PhoneHolderNews = PhoneHolder & { again?: true };

/** Bus topic of who holds this user's phone. */
export const phoneHolderTopic = (userId: number): string => `phone.holder.${userId}`;
