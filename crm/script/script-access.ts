/** Who writes scripts. */
export const scriptEditors = ['marketing', 'manager'] as const;
