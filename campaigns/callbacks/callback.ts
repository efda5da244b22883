export const callbackStates = ['open', 'done', 'cancelled'] as const;
export type CallbackState = (typeof callbackStates)[number];

/** A promise to call a customer at a time. */
export interface Callback {
  readonly id: number;
  readonly leadId: number;
  readonly campaignId: number;
  readonly customerId: number;
  /** The agent it belongs to; null: anyone's. */
  readonly userId: number | null;
  readonly dueAt: number;
  /** False: the customer wants to be called, but no time was written down; `dueAt` is a guess until it is. */
  readonly timeAgreed: boolean;
  /** The number the customer asked to be called at; null: the lead's next. */
  readonly e164: string | null;
  readonly note: string | null;
  readonly state: CallbackState;
  /** The call in which it was promised. */
  readonly callId: string | null;
  readonly createdBy: number | null;
  readonly createdAt: number;
  readonly closedAt: number | null;
}

export type NewCallback = Omit<Callback, 'id' | 'state' | 'createdAt' | 'closedAt'>;
